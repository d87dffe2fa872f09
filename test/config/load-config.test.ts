import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { printableConfig } from "../../src/config/printable-config.ts";

const agentLine = `davit-agent://192.168.122.1:8470/${"ab".repeat(32)}#${"t".repeat(43)}`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "davit-config-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("the configuration", () => {
  it("has a default for everything", () => {
    expect(loadConfig({ PATH: "/bin", HOME: "/root" })).toEqual({
      vault: "/mnt/backups/docker",
      state: "/var/lib/davit",
      scratch: "/var/lib/davit/scratch",
      roots: ["/opt/docker/volumes"],
      listen: { host: "127.0.0.1", port: 8080 },
      socket: null,
      frameAncestors: [],
      portainer: null,
      portainerSignIn: false,
      parallel: 1,
      dockerHost: "unix:///var/run/docker.sock",
      timezone: "UTC",
      logLevel: "info",
      password: null,
      keepEnvironment: true,
      verifyDays: 30,
      verifyRate: 50_000_000,
      keepRuns: 200,
      trustProxy: false,
      notify: { when: "problems", email: null, telegram: null, webhook: null },
      publicUrl: null,
      agent: null,
      agentHold: ["all"],
      agentCopies: false,
      image: null,
      modules: {},
    });
  });

  it("takes every setting from the environment", () => {
    const config = loadConfig({
      DAVIT_VAULT: "/vault/",
      DAVIT_STATE: "/state",
      DAVIT_SCRATCH: "/scratch",
      DAVIT_ROOTS: "/srv, /opt/data/,/srv",
      DAVIT_LISTEN: "[::1]:9000",
      DAVIT_SOCKET: "/run/davit.sock",
      DAVIT_FRAME_ANCESTORS: " https://dashboard.lan  http://192.168.1.5:3000",
      DAVIT_PORTAINER_URL: "https://portainer.lan:9443/#!/3/docker/dashboard",
      DAVIT_PORTAINER_SIGN_IN: "true",
      DAVIT_PARALLEL: "3",
      DOCKER_HOST: "tcp://proxy:2375",
      TZ: "Europe/Berlin",
      LOG_LEVEL: "DEBUG",
      DAVIT_PASSWORD: "secret",
      DAVIT_KEEP_ENV: "no",
      DAVIT_VERIFY_DAYS: "7",
      DAVIT_VERIFY_RATE: "0.2 GB/s",
      DAVIT_KEEP_RUNS: "500",
      DAVIT_TRUST_PROXY: "true",
      DAVIT_AGENT: agentLine,
      DAVIT_AGENT_HOLD: "nas, wiki,nas",
      DAVIT_AGENT_COPIES: "true",
      DAVIT_IMAGE: "davit:1.2.3",
    });
    expect(config).toEqual({
      vault: "/vault",
      state: "/state",
      scratch: "/scratch",
      roots: ["/srv", "/opt/data"],
      listen: { host: "::1", port: 9000 },
      socket: "/run/davit.sock",
      frameAncestors: ["https://dashboard.lan", "http://192.168.1.5:3000"],
      portainer: { url: "https://portainer.lan:9443", environment: 3 },
      portainerSignIn: true,
      parallel: 3,
      dockerHost: "tcp://proxy:2375",
      timezone: "Europe/Berlin",
      logLevel: "debug",
      password: "secret",
      keepEnvironment: false,
      verifyDays: 7,
      verifyRate: 200_000_000,
      keepRuns: 500,
      trustProxy: true,
      notify: { when: "problems", email: null, telegram: null, webhook: null },
      publicUrl: null,
      agent: { host: "192.168.122.1", port: 8470, fingerprint: "ab".repeat(32), token: "t".repeat(43) },
      agentHold: ["nas", "wiki"],
      agentCopies: true,
      image: "davit:1.2.3",
      modules: {},
    });
  });

  it.each([
    ["0", 0, "0", 0],
    ["off", 0, "OFF", 0],
    ["0.5", 0.5, "800k", 800_000],
    ["1", 1, "1.5MiB", 1_572_864],
  ])("takes %s days and a rate", (days, verifyDays, rate, verifyRate) => {
    const config = loadConfig({ DAVIT_VERIFY_DAYS: days, DAVIT_VERIFY_RATE: rate });
    expect(config).toMatchObject({ verifyDays, verifyRate });
  });

  it.each([
    ["https://portainer.lan", "https://portainer.lan", 1],
    ["http://10.0.0.2:9000/", "http://10.0.0.2:9000", 1],
    ["https://lan/portainer/#!/12", "https://lan/portainer", 12],
  ])("takes Portainer's address %s", (text, url, environment) => {
    expect(loadConfig({ DAVIT_PORTAINER_URL: text }).portainer).toEqual({ url, environment });
  });

  it.each([
    ["DAVIT_FRAME_ANCESTORS", "https://dashboard.lan/path"],
    ["DAVIT_FRAME_ANCESTORS", "*"],
    ["DAVIT_FRAME_ANCESTORS", "https://a.lan; script-src *"],
    ["DAVIT_PORTAINER_URL", "javascript:alert(1)"],
    ["DAVIT_PORTAINER_URL", "https://portainer.lan/#!/0"],
    ["DAVIT_SOCKET", "run/davit.sock"],
  ])("refuses %s=%s", (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(name);
  });

  it("takes an empty variable as not set, as compose files leave it", () => {
    expect(
      loadConfig({ DAVIT_VAULT: "", TZ: " ", DAVIT_PASSWORD: "", DAVIT_PASSWORD_FILE: "", DAVIT_CONFIG: "" }),
    ).toEqual(loadConfig({}));
  });

  it("keeps scratch below the state folder where only that is set", () => {
    expect(loadConfig({ DAVIT_STATE: "/data/davit" }).scratch).toBe("/data/davit/scratch");
  });

  it.each([
    ["8080", "127.0.0.1", 8080],
    [":8080", "0.0.0.0", 8080],
    ["0.0.0.0:80", "0.0.0.0", 80],
    ["localhost:1", "localhost", 1],
  ])("listens on %s", (text, host, port) => {
    expect(loadConfig({ DAVIT_LISTEN: text }).listen).toEqual({ host, port });
  });

  it("never prints the agent's token, nor a line that is none", () => {
    const printed = printableConfig(loadConfig({ DAVIT_AGENT: agentLine }));
    expect(printed.agent).toBe("192.168.122.1:8470");
    expect(JSON.stringify(printed)).not.toContain("ttt");
    expect(printableConfig(loadConfig({})).agent).toBe("not set");
    const broken = agentLine.replace("#", "?");
    const wrong = {
      kind: "config",
      message: expect.not.stringContaining("ttt"),
      hint: expect.not.stringContaining("ttt"),
    };
    expect(() => loadConfig({ DAVIT_AGENT: broken })).toThrow(expect.objectContaining(wrong));
  });

  it("reads the agent's line from a file as well", async () => {
    const file = await write("agent", `${agentLine}\n`);
    expect(loadConfig({ DAVIT_AGENT_FILE: file }).agent?.port).toBe(8470);
  });

  it("holds nothing for the agent where that is wanted", () => {
    expect(loadConfig({ DAVIT_AGENT_HOLD: "none" }).agentHold).toEqual([]);
    expect(() => loadConfig({ DAVIT_AGENT_HOLD: "../nas" })).toThrow("all, none, or a comma-separated list");
  });

  it("never prints the password", () => {
    const printed = printableConfig(loadConfig({ DAVIT_PASSWORD: "hunter2" }));
    expect(JSON.stringify(printed)).not.toContain("hunter2");
    expect(printed.password).toBe("set");
    expect(printableConfig(loadConfig({})).password).toBe("not set");
  });

  it.each([
    ["DAVIT_VAULT", "backups"],
    ["DAVIT_VAULT", "/"],
    ["DAVIT_ROOTS", "/srv,data"],
    ["DAVIT_LISTEN", "8080x"],
    ["DAVIT_LISTEN", "1.2.3.4:70000"],
    ["DAVIT_PARALLEL", "0"],
    ["DAVIT_PARALLEL", "two"],
    ["DOCKER_HOST", "/var/run/docker.sock"],
    ["TZ", "Europe/Berlim"],
    ["LOG_LEVEL", "loud"],
    ["DAVIT_KEEP_ENV", "perhaps"],
    ["DAVIT_VERIFY_DAYS", "-1"],
    ["DAVIT_VERIFY_DAYS", "often"],
    ["DAVIT_VERIFY_RATE", "quick"],
    ["DAVIT_VERIFY_RATE", "50 apples"],
  ])("says what is wrong with %s=%s and what it may be", (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(
      expect.objectContaining({
        kind: "config",
        message: expect.stringContaining(`${name} is ${JSON.stringify(value)}`),
        hint: expect.stringContaining(`set ${name} to something like`),
      }),
    );
  });

  it("names the nearest variable for one that it does not know", () => {
    expect(() => loadConfig({ DAVIT_VALUT: "/x" })).toThrow(
      expect.objectContaining({
        kind: "config",
        message: "unknown environment variable DAVIT_VALUT",
        hint: "did you mean DAVIT_VAULT?",
      }),
    );
    expect(() => loadConfig({ DAVIT_SOMETHING_ELSE: "/x" })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("DAVIT_PASSWORD_FILE") }),
    );
  });
});

it("is not disturbed by the variables of the compose file", () => {
  expect(loadConfig({ DAVIT_BASE_IMAGE: "node:24", DAVIT_PORT: "8081" })).toEqual(loadConfig({}));
});

describe("a secret in a file", () => {
  it("is read without the line end at its end", async () => {
    const file = await write("password", " two words \n");
    expect(loadConfig({ DAVIT_PASSWORD_FILE: file }).password).toBe(" two words ");
  });

  it("may not be given twice", async () => {
    const file = await write("password", "a");
    expect(() => loadConfig({ DAVIT_PASSWORD: "b", DAVIT_PASSWORD_FILE: file })).toThrow(
      expect.objectContaining({ kind: "config", message: "both DAVIT_PASSWORD and DAVIT_PASSWORD_FILE are set" }),
    );
  });

  it("that is empty, a folder or not there is an error that names it", async () => {
    const empty = await write("empty", "\n");
    for (const file of [empty, dir, path.join(dir, "missing")])
      expect(() => loadConfig({ DAVIT_PASSWORD_FILE: file })).toThrow(
        expect.objectContaining({
          kind: "config",
          message: expect.stringContaining(`${file}, which DAVIT_PASSWORD_FILE`),
        }),
      );
  });
});

describe("davit.yaml", () => {
  it("sets what the environment does not", async () => {
    const file = await write(
      "davit.yaml",
      [
        "vault: /yaml/vault # comment",
        "roots: [/srv, /opt/data]",
        'parallel: "2"',
        "keepEnvironment: false",
        "timezone: Europe/Paris",
        "modules:",
        "  '*': { keep: last=3 }",
        "  nas:",
        "    schedule: 0 3 * * *",
        "    exclude: ['*.iso', tmp/**]",
        "    hold.timeout: 90s",
        "    enable: yes",
      ].join("\n"),
    );
    expect(loadConfig({ TZ: "Europe/Berlin" }, file)).toMatchObject({
      vault: "/yaml/vault",
      roots: ["/srv", "/opt/data"],
      parallel: 2,
      keepEnvironment: false,
      timezone: "Europe/Berlin",
      modules: {
        "*": { keep: "last=3" },
        nas: { schedule: "0 3 * * *", exclude: "*.iso,tmp/**", "hold.timeout": "90s", enable: "yes" },
      },
    });
    expect(loadConfig({ DAVIT_CONFIG: file }).vault).toBe("/yaml/vault");
  });

  it("may be empty", async () => {
    expect(loadConfig({}, await write("davit.yaml", ""))).toEqual(loadConfig({}));
    expect(loadConfig({}, await write("davit.yaml", "# nothing yet\nmodules:\n"))).toEqual(loadConfig({}));
  });

  it.each([
    ["an unknown key", "vault: /x\nrotos: /y\n", ":2:1: unknown key rotos", "did you mean roots?"],
    ["broken YAML", "vault: /x\nroots: [/a\nparallel: 2\n", ":3:1: flow sequence", "mend the YAML"],
    ["a key given twice", "vault: /x\nvault: /y\n", ":2:1: map keys must be unique", "mend the YAML"],
    ["a value of the wrong kind", "parallel: many\n", ':1:11: parallel is "many"', "set parallel to something like 1"],
    ["a map where a value belongs", "vault:\n  path: /x\n", "vault needs a value", "write"],
    ["a list where keys belong", "modules:\n  - nas\n", "modules must be keys with values", "write"],
    ["a list as the whole", "- vault\n", "davit.yaml must be keys with values", "write"],
    ["the agent's line", "agent: x\n", "does not belong into this file", "DAVIT_AGENT_FILE"],
    ["a password", "password: x\n", "the password does not belong into this file", "DAVIT_PASSWORD_FILE"],
  ])("with %s is an error with line, column and a way out", async (_, text, message, hint) => {
    const file = await write("davit.yaml", text);
    expect(() => loadConfig({}, file)).toThrow(
      expect.objectContaining({
        kind: "config",
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
    expect(() => loadConfig({}, file)).toThrow(expect.objectContaining({ message: expect.stringContaining(file) }));
  });

  it("that is named must be there and be readable", async () => {
    const folder = path.join(dir, "folder.yaml");
    await mkdir(folder);
    await chmod(folder, 0o700);
    for (const file of [path.join(dir, "missing.yaml"), folder])
      expect(() => loadConfig({ DAVIT_CONFIG: file })).toThrow(
        expect.objectContaining({ kind: "config", message: expect.stringContaining(`can't read ${file}`) }),
      );
  });
});

async function write(name: string, content: string): Promise<string> {
  const file = path.join(dir, name);
  await writeFile(file, content);
  return file;
}
