import { chmod } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const verbs = [
  "serve",
  "machines",
  "backup",
  "list",
  "verify",
  "drill",
  "restore",
  "prune",
  "runs",
  "config",
  "doctor",
  "pair",
  "install",
  "uninstall",
];

describe("davit agent", () => {
  it("lists its verbs, and each verb tells how it is used", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    const overview = await agent.run("--help");
    expect(overview.code).toBe(0);
    for (const verb of verbs) expect(overview.stdout).toMatch(new RegExp(`^  ${verb} +\\w`, "mu"));
    const helps = await Promise.all(verbs.map((verb) => agent.run(verb, "--help")));
    for (const [at, verb] of verbs.entries())
      expect(helps[at]).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(`^davit agent ${verb}`) });
  });

  it.each([
    [["lst"], "there is no verb lst", "did you mean list?"],
    [["list", "--jsno"], "unknown option '--jsno'", "`davit agent list --help` lists its options"],
    [["list", "../etc"], '"../etc" is not a machine\'s name', "`davit agent machines` lists them"],
    [["backup"], "name the machines to back up, or give --all", "`davit agent machines` lists them"],
    [["backup", "vm;reboot"], '"vm;reboot" is not a machine\'s name', "a name has letters"],
    [["verify"], "name the points to verify, or give --all", "`davit agent list` shows them"],
    [["verify", "vm@latest", "--rate", "fast"], '--rate is "fast", which is not an amount a second', "--rate 50MB"],
    [["drill"], "name the points to drill", "davit agent drill docker-host@latest"],
    [["restore"], "name the point to restore", "docker-host@latest is the newest"],
    [["restore", "vm@latest"], "say where to: give either --to DIR or --in-place", "--to makes files"],
    [["restore", "vm@latest", "/etc", "--in-place"], "paths don't go with --in-place", "restored with --to"],
    [["restore", "vm@latest", "--in-place", "--start"], "--start goes with --as", "restore --help` tells more"],
    [
      ["restore", "vm@latest", "--to", "/x", "--as", "b", "--disk", "vda"],
      "--as goes with neither --in-place nor --disk",
      "all disks",
    ],
    [
      ["restore", "--undo", "vm", "--to", "/x"],
      "--undo takes one machine, and --shut-down",
      "restore --undo docker-host",
    ],
    [["prune", "vm", "--all"], "name the machines to prune, or give --all", "`davit agent machines` lists them"],
    [["runs", "--limit", "0"], '--limit is "0", which is not a whole number, 1 or more', "runs --limit 100"],
    [["pair"], "name the machine that the sidecar runs in, or give --elsewhere", "`davit agent machines` lists them"],
    [["pair", "--elsewhere", "--address", "a b"], '--address is "a b", which is no address', "--address 192.168.122.1"],
    [["config", "vault"], "config takes no names, but vault was given", "prints all settings"],
    [["doctor", "vault"], "doctor takes no names, but vault was given", "checks everything"],
  ])("says what is wrong with `%j`, and exits with 2", async (words, message, hint) => {
    const agent = await AgentProgram.in(await scratchFolder());
    const { code, stdout, stderr } = await agent.run(...words);
    expect(stderr).toMatch(/^davit: .+\n {2}hint: .+\n$/u);
    expect(stderr.toLowerCase()).toContain(`davit: ${message.toLowerCase()}\n`);
    expect(stderr).toContain(hint);
    expect([code, stdout]).toEqual([2, ""]);
  });

  it("exits with 3 where agent.yaml is wrong, and says where, as JSON as well", async () => {
    const agent = await AgentProgram.in(await scratchFolder(), "machines:\n  vm: { quiesc: auto }\n");
    const { code, stderr } = await agent.run("list");
    expect(code).toBe(3);
    expect(stderr).toBe(`davit: ${agent.file}:5:9: unknown key machines.vm.quiesc\n  hint: did you mean quiesce?\n`);
    const json = await agent.run("doctor", "--json");
    expect(json).toMatchObject({ code: 3, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { kind: "config", hint: "did you mean quiesce?" } });
  });

  it("finds an agent.yaml that others can change", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    expect((await agent.run("doctor")).stdout).toMatch(/^warning +config +.* names no machine$/mu);
    await chmod(agent.file, 0o666);
    const { code, stdout } = await agent.run("doctor");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error +config +.* can be changed by others/mu);
    expect(stdout).toContain(`hint: chmod go-w ${agent.file}`);
  });

  it("exits with 4 for a machine that agent.yaml does not name, and names those that it does", async () => {
    const agent = await AgentProgram.in(await scratchFolder(), "machines: { docker-host: {} }\n");
    expect(await agent.run("backup", "docker-hots")).toMatchObject({
      code: 4,
      stderr: "there is no machine docker-hots\n  hint: did you mean docker-host? agent.yaml has docker-host\n",
    });
    expect(await agent.run("machines", "web")).toMatchObject({ code: 4 });
    expect(await agent.run("pair", "web")).toMatchObject({ code: 4 });
  });

  it("prints the effective configuration", async () => {
    const agent = await AgentProgram.in(
      await scratchFolder(),
      "machines: { vm: { keep: last=2, drill: { timeout: 90s } } }\n",
    );
    const { code, stdout } = await agent.run("config");
    expect(code).toBe(0);
    for (const row of [/^vault +\/.*\/vault$/mu, /^listen +127\.0\.0\.1:0$/mu, /^copies +off$/mu])
      expect(stdout).toMatch(row);
    for (const row of [/^vm$/mu, /^ {2}domain +vm$/mu, /^ {2}keep +last=2$/mu, /^ {2}drill\.timeoutSeconds +90$/mu])
      expect(stdout).toMatch(row);
    expect(await agent.json("config")).toMatchObject({
      vault: agent.vault,
      machines: [{ name: "vm", settings: { quiesce: "auto", keep: { last: 2 } } }],
    });
  });

  it("pairs a sidecar with one line, and ends the pairing", async () => {
    const agent = await AgentProgram.in(await scratchFolder(), "machines: { vm: {} }\n");
    const { code, stdout, stderr } = await agent.run("pair", "vm", "--address", "[fd00::1]:9000");
    expect(stdout).toMatch(/^DAVIT_AGENT=davit-agent:\/\/\[fd00::1\]:9000\/[0-9a-f]{64}#[\w-]{43}\n$/u);
    expect(stderr).toContain("shown this once");
    expect(code).toBe(0);
    expect(await agent.json("pair", "vm", "--revoke")).toEqual({ machine: "vm", revoked: true });
    expect(await agent.json("pair", "vm", "--revoke")).toEqual({ machine: "vm", revoked: false });
  });
});
