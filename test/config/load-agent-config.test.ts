import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentExample } from "../../src/config/agent-example.ts";
import { loadAgentConfig } from "../../src/config/load-agent-config.ts";
import { asFailure, type Failure } from "../../src/failure/failure.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const defaults = {
  vault: "/mnt/backups/vm",
  state: "/var/lib/davit-agent",
  scratch: "/var/lib/davit-agent/scratch",
  copies: null,
  copyDays: 0,
  listen: { host: "0.0.0.0", port: 8470 },
  timezone: zone,
  verifyDays: 30,
  verifyRate: 50_000_000,
  parallel: 1,
  keepRuns: 200,
  logLevel: "info",
};

const machine = {
  uri: "qemu:///system",
  timezone: zone,
  full: "0 1 * * 0",
  incremental: "0 1 * * 1-6",
  quiesce: "auto",
  compress: true,
  keep: { last: 4, monthly: 3 },
  rollUp: null,
  drill: { schedule: null, check: { type: "auto" }, timeoutSeconds: 600, memoryMiB: 1024 },
};

describe("the agent's configuration", () => {
  it("has a default for everything", async () => {
    const file = await write("");
    expect(loadAgentConfig({ DAVIT_AGENT_CONFIG: file })).toEqual({ ...defaults, file, machines: [] });
  });

  it("takes a machine that says nothing", async () => {
    const { machines } = loadAgentConfig({ DAVIT_AGENT_CONFIG: await write("machines:\n  docker-host:\n") });
    expect(machines).toEqual([{ name: "docker-host", settings: { ...machine, domain: "docker-host" } }]);
  });

  it("takes every setting", async () => {
    const file = await write(`
vault: /srv/vm/
state: /srv/state
scratch: /srv/scratch
copies: /srv/copies
copyDays: 90
listen: "[fd00::1]:9000"
timezone: Europe/Berlin
verifyDays: off
verifyRate: 1.5 GiB/s
parallel: 2
keepRuns: 10
logLevel: DEBUG
machines:
  web:
    domain: web-01.lan
    uri: qemu+ssh://root@other/system
    full: 30 3 1 * *
    incremental: off
    quiesce: pause
    compress: false
    keep: within=90d, last=2
    rollUp: 30
    drill:
      schedule: "0 5 * * 6"
      check: "serial:login: $"
      timeout: 90s
      memory: 512MiB
`);
    expect(loadAgentConfig({ DAVIT_AGENT_CONFIG: file })).toEqual({
      file,
      vault: "/srv/vm",
      state: "/srv/state",
      scratch: "/srv/scratch",
      copies: "/srv/copies",
      copyDays: 90,
      listen: { host: "fd00::1", port: 9000 },
      timezone: "Europe/Berlin",
      verifyDays: 0,
      verifyRate: 1.5 * 1024 ** 3,
      parallel: 2,
      keepRuns: 10,
      logLevel: "debug",
      machines: [
        {
          name: "web",
          settings: {
            domain: "web-01.lan",
            uri: "qemu+ssh://root@other/system",
            timezone: "Europe/Berlin",
            full: "30 3 1 * *",
            incremental: null,
            quiesce: "pause",
            compress: false,
            keep: { withinSeconds: 90 * 86_400, last: 2 },
            rollUp: 30,
            drill: {
              schedule: "0 5 * * 6",
              check: { type: "serial", pattern: "login: $" },
              timeoutSeconds: 90,
              memoryMiB: 512,
            },
          },
        },
      ],
    });
  });

  it('lets "*" speak for machines that say nothing themselves', async () => {
    const file = await write(`
machines:
  "*":
    quiesce: none
    keep: last=9
    drill: { schedule: "0 5 * * *", check: screen }
  a: {}
  b:
    quiesce: pause
    drill: { check: agent }
`);
    const { machines } = loadAgentConfig({ DAVIT_AGENT_CONFIG: file });
    expect(machines.map(({ name, settings }) => [name, settings.quiesce, settings.keep, settings.drill.check])).toEqual(
      [
        ["a", "none", { last: 9 }, { type: "screen" }],
        ["b", "pause", { last: 9 }, { type: "agent" }],
      ],
    );
    expect(machines.map(({ settings }) => settings.drill.schedule)).toEqual(["0 5 * * *", "0 5 * * *"]);
  });

  it("takes the log's level from the environment first", async () => {
    const file = await write("logLevel: warn\n");
    expect(loadAgentConfig({ DAVIT_AGENT_CONFIG: file, LOG_LEVEL: "trace" }).logLevel).toBe("trace");
    expect(loadAgentConfig({ DAVIT_AGENT_CONFIG: file }).logLevel).toBe("warn");
  });

  it.each([
    ["vaul: /x", "1:1: unknown key vaul", "did you mean vault?"],
    ["\nmachines:\n  a:\n    fulll: off", "4:5: unknown key machines.a.fulll", "did you mean full?"],
    ["machines:\n  a:\n    drill: { chek: auto }", "3:14: unknown key machines.a.drill.chek", "did you mean check?"],
    ["vault: relative", '1:8: vault is "relative", but wanted is an absolute path below /', "`vault: /mnt/backups/vm`"],
    ["vault: /", '1:8: vault is "/", but wanted is an absolute path below /', "`vault: /mnt/backups/vm`"],
    ["copies: no", '1:9: copies is "no", but wanted is an absolute path below /, or off', "docker-copies"],
    ["listen: here", '1:9: listen is "here", but wanted is an address and a port', "192.168.122.1:8470"],
    ["timezone: Mars/Base", '1:11: timezone is "Mars/Base", but wanted is a time zone', "Europe/Berlin"],
    ["verifyDays: soon", '1:13: verifyDays is "soon", but wanted is a number of days, or off', "verifyDays: 30"],
    ["verifyRate: fast", '1:13: verifyRate is "fast", but wanted is an amount a second, or off', "verifyRate: 50MB"],
    ["parallel: 0", '1:11: parallel is "0", but wanted is a whole number of runs, 1 or more', "parallel: 1"],
    ["logLevel: loud", '1:11: logLevel is "loud", but wanted is one of trace', "logLevel: info"],
    ["machines: [a]", "1:11: machines must be keys with values", "key: value"],
    ["machines:\n  ../etc: {}", "2:3: \"../etc\" can't be a machine's name", "letters, digits"],
    ["machines:\n  .hidden: {}", "2:3: \".hidden\" can't be a machine's name", "letters, digits"],
    [
      'machines:\n  "*": { domain: x }',
      "2:18: machines.*.domain would make all machines the same domain",
      "give `domain`",
    ],
    [
      "machines:\n  a: { domain: -x }",
      '2:16: machines.a.domain is "-x", but wanted is a libvirt domain',
      "docker-host",
    ],
    ["machines:\n  a: { domain: 'x/y' }", 'machines.a.domain is "x/y", but wanted', "docker-host"],
    [
      "machines:\n  a: { uri: 'qemu:///system x' }",
      'machines.a.uri is "qemu:///system x", but wanted',
      "qemu:///system",
    ],
    [
      "machines:\n  a: { full: 0 25 * * * }",
      '2:14: machines.a.full is "0 25 * * *", but wanted is a cron',
      "0 1 * * 0",
    ],
    ["machines:\n  a: { full: daily }", '2:14: machines.a.full is "daily", but wanted is a cron', "0 1 * * 0"],
    [
      "machines:\n  a: { quiesce: freeze }",
      'machines.a.quiesce is "freeze", but wanted is auto, pause or none',
      "auto",
    ],
    ["machines:\n  a: { compress: zstd }", 'machines.a.compress is "zstd", but wanted is true or false', "true"],
    ["machines:\n  a: { keep: last=0 }", 'machines.a.keep is "last=0", but wanted is rules like', "last=4,monthly=3"],
    ["machines:\n  a: { keep: forever }", 'machines.a.keep is "forever", but wanted is rules like', "last=4"],
    ["machines:\n  a: { rollUp: 0 }", 'machines.a.rollUp is "0", but wanted is a number of increments', "rollUp: 30"],
    [
      "machines:\n  a: { drill: { check: serial } }",
      'machines.a.drill.check is "serial", but wanted is auto',
      "serial:login:",
    ],
    [
      "machines:\n  a: { drill: { check: 'serial:[' } }",
      'machines.a.drill.check is "serial:[", but wanted',
      "serial:login:",
    ],
    ["machines:\n  a: { drill: { timeout: 0 } }", 'machines.a.drill.timeout is "0", but wanted is a duration', "10m"],
    [
      "machines:\n  a: { drill: { memory: 1024 } }",
      'machines.a.drill.memory is "1024", but wanted is an amount',
      "1GiB",
    ],
    ["machines:\n  a: { drill: { memory: 4MiB } }", 'machines.a.drill.memory is "4MiB", but wanted is 64MiB', "1GiB"],
    ["machines:\n  a: { drill: off }", "2:15: machines.a.drill must be keys with values", "key: value"],
    ["machines:\n  a: {}\n  b: { domain: a }", "3:3: b is the domain a, which a is as well", "leave one"],
    ["machines:\n  a: {}\n  a: {}", "map keys must be unique", "mend the YAML"],
    ["vault: [1", "1:", "mend the YAML"],
    ["copies: /mnt/backups/vm/copies", "1:9: copies (/mnt/backups/vm/copies) lies in vault (/mnt/backups/vm)", "own"],
    ["state: /mnt\n", "1:8: vault (/mnt/backups/vm) lies in state (/mnt)", "own"],
    ["scratch: /mnt/backups/vm\n", "1:10: vault (/mnt/backups/vm) lies in scratch", "own"],
  ])("says of %j where it is wrong and what to write", async (text, message, hint) => {
    const file = await write(text);
    const failure = failureOf({ DAVIT_AGENT_CONFIG: file });
    expect(failure.kind).toBe("config");
    expect(failure.message.replace(`${file}:`, "")).toContain(message);
    expect(failure.hint).toContain(hint);
  });

  it("says which file is missing, and knows no variable but its own", () => {
    const missing = failureOf({ DAVIT_AGENT_CONFIG: "/nowhere/agent.yaml" });
    expect(missing).toMatchObject({ kind: "config", message: "there is no /nowhere/agent.yaml" });
    expect(missing.hint).toContain("davit agent install");
    expect(failureOf({ DAVIT_AGENT_VAULT: "/x" }).message).toBe("unknown environment variable DAVIT_AGENT_VAULT");
    expect(failureOf({ LOG_LEVEL: "loud", DAVIT_AGENT_CONFIG: "/dev/null" }).message).toContain('LOG_LEVEL is "loud"');
  });
});

describe("the commented agent.yaml", () => {
  it("says nothing as it is", async () => {
    const file = await write(agentExample());
    expect(loadAgentConfig({ DAVIT_AGENT_CONFIG: file })).toEqual({ ...defaults, file, machines: [] });
  });

  it("has every default, to be uncommented", async () => {
    const file = await write(agentExample().replace(/^( *)# ("\*"|[A-Za-z-]+)(:(?: .*)?)$/gmu, "$1$2$3"));
    expect(loadAgentConfig({ DAVIT_AGENT_CONFIG: file })).toEqual({
      ...defaults,
      file,
      timezone: "Europe/Berlin",
      machines: [{ name: "docker-host", settings: { ...machine, domain: "docker-host", timezone: "Europe/Berlin" } }],
    });
  });
});

async function write(text: string): Promise<string> {
  const file = join(await scratchFolder(), "agent.yaml");
  await writeFile(file, text);
  return file;
}

function failureOf(environment: Record<string, string>): Failure {
  try {
    loadAgentConfig(environment);
  } catch (thrown) {
    return asFailure(thrown);
  }
  throw new Error("it was taken");
}
