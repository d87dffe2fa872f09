import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLedger } from "../../src/hold/open-ledger.ts";
import { makeScene } from "./scene.ts";

const verbs = ["modules", "backup", "list", "files", "cat", "prune", "ack", "runs", "config", "doctor"];

describe("davit", () => {
  test("lists its verbs, and each verb tells how it is used", async () => {
    const { davit } = await makeScene();
    const overview = await davit("--help");
    expect(overview.code).toBe(0);
    for (const verb of verbs) {
      expect(overview.stdout).toMatch(new RegExp(`^  ${verb} +\\w`, "mu"));
      const help = await davit(verb, "--help");
      expect(help).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(`^davit ${verb}`) });
    }
  });

  test.each([
    [["lst"], "there is no verb lst", "did you mean list?"],
    [["agent", "list"], "there is no verb agent here", "on the physical host: docs/agent.md"],
    [["frobnicate"], "there is no verb frobnicate", "`davit --help` lists them"],
    [["list", "--jsno"], "unknown option '--jsno'", "`davit list --help` lists its options"],
    [["runs", "--limit"], "option '--limit <value>' argument missing", "`davit runs --help` lists its options"],
    [["runs", "--limit", "0"], '--limit is "0", which is not a whole number, 1 or more', "davit runs --limit 100"],
    [["runs", "nas", "--show", "x"], "give module names, --show or --follow, one of them", "`davit runs` lists"],
    [["list", "../etc"], '"../etc" is not a module\'s name', "a name has letters"],
    [["files"], "name a backup", "davit files nas@latest"],
    [["files", "nas"], "nas is not a backup's id", "an id looks like nas/20261122T020000Z or nas@latest"],
    [["files", "../nas/20261122T020000Z"], "../nas/20261122T020000Z is not a backup's id", "an id looks like"],
    [["cat", "nas@latest"], "name one backup and one file", "davit cat nas@latest"],
    [["cat", "nas@latest", "/"], "/ is no file", "`davit files nas@latest` lists them"],
    [
      ["restore", "nas@latest", "--dump", "--in-place"],
      "--dump takes one backup, and neither paths nor --to nor --in-place",
      "davit-dumps --to",
    ],
    [
      ["restore", "nas@latest", "--dump", "a/b"],
      "--dump takes one backup, and neither paths nor --to nor --in-place",
      "davit-dumps --to",
    ],
    [["restore", "nas@latest", "--container", "db"], "--container goes with --dump", "davit restore nas@latest --dump"],
    [["prune"], "name the modules to prune, or give --all", "`davit modules` lists them"],
    [["prune", "nas", "--all"], "name the modules to prune, or give --all", "`davit modules` lists them"],
    [["config", "vault"], "config takes no names, but vault was given", "prints all settings"],
    [["doctor", "vault"], "doctor takes no names, but vault was given", "checks everything"],
  ])("says what is wrong with `%j`, and exits with 2", async (words, message, hint) => {
    const { davit } = await makeScene();
    const { code, stdout, stderr } = await davit(...words);
    expect(stderr).toMatch(/^davit: .+\n {2}hint: .+\n$/u);
    expect(stderr.toLowerCase()).toContain(`davit: ${message.toLowerCase()}\n`);
    expect(stderr).toContain(hint);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("gives a mistake as JSON where JSON is asked for", async () => {
    const { davit } = await makeScene();
    const { code, stdout, stderr } = await davit("files", "nas", "--json");
    expect([code, stderr]).toEqual([2, ""]);
    expect(JSON.parse(stdout)).toEqual({
      error: { kind: "usage", message: "nas is not a backup's id", hint: expect.stringContaining("nas@latest") },
    });
  });

  test("says that the engine can't be reached, and exits with 6", async () => {
    const { davit } = await makeScene();
    for (const words of [["modules"], ["prune", "--all"], ["prune", "nas", "--dry-run"]]) {
      const { code, stderr } = await davit(...words);
      expect(code).toBe(6);
      expect(stderr).toContain("the Docker engine at unix:///nonexistent does not answer");
      expect(stderr).toContain("hint: no socket there");
    }
  });
});

describe("davit config", () => {
  test("prints every setting with its variable, and of a secret only that it is set", async () => {
    const { davit, settings, vault } = await makeScene();
    settings["DAVIT_PASSWORD"] = "correct horse";
    const { code, stdout } = await davit("config");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^vault +${vault} +DAVIT_VAULT$`, "mu"));
    expect(stdout).toMatch(/^listen +127\.0\.0\.1:8080 +DAVIT_LISTEN$/mu);
    expect(stdout).toMatch(/^password +set +DAVIT_PASSWORD/mu);
    expect(stdout).toMatch(/^davit\.yaml +none/mu);
    const json = await davit("config", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ vault, password: "set", file: null, modules: {} });
    expect(stdout + json.stdout).not.toContain("correct");
  });

  test("says where davit.yaml is and what it sets for single modules", async () => {
    const { davit, settings, root } = await makeScene();
    const file = join(root, "davit.yaml");
    await writeFile(file, "parallel: 3\nmodules:\n  nas:\n    keep: last=3\n");
    settings["DAVIT_CONFIG"] = file;
    const { stdout } = await davit("config");
    expect(stdout).toMatch(/^parallel +3 +DAVIT_PARALLEL$/mu);
    expect(stdout).toContain(file);
    expect(stdout).toMatch(/^ {2}nas +davit\.keep +last=3$/mu);
  });

  test("a setting that is wrong is named, and the exit code is 3", async () => {
    const { davit, settings } = await makeScene();
    settings["DAVIT_PARALLEL"] = "many";
    for (const verb of ["config", "doctor", "list"])
      expect(await davit(verb)).toMatchObject({ code: 3, stderr: expect.stringContaining('DAVIT_PARALLEL is "many"') });
  });
});

describe("davit doctor", () => {
  test("checks what it can while the engine is away, and exits with 1", async () => {
    const { davit, backup, program } = await makeScene();
    await backup("nas", "20261122T020000Z");
    await rm(program.state, { recursive: true });
    const { code, stdout } = await davit("doctor");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error +docker +the Docker engine at unix:\/\/\/nonexistent does not answer/mu);
    expect(stdout).toMatch(/^ok +vault +\S+ can be written to, .+ GiB free$/mu);
    expect(stdout).toMatch(/^ok +state +\S+ is not there yet and will be made/mu);
    expect(stdout).toMatch(/^ok +backups +1 backup of 1 module, none with a problem$/mu);
    expect(stdout).toMatch(/^ok +clock +it is .+ in Europe\/Berlin$/mu);
    expect(stdout).not.toMatch(/ modules /u);
    expect(stdout).toMatch(/\n1 error$/mu);
  });

  test("says what to do about folders that are not there, and makes none", async () => {
    const { davit, settings, root } = await makeScene();
    settings["DAVIT_VAULT"] = join(root, "unmounted");
    settings["DAVIT_ROOTS"] = join(root, "nothing");
    const { code, stdout } = await davit("doctor", "--json");
    expect(code).toBe(1);
    const checks = JSON.parse(stdout);
    expect(checks).toContainEqual({
      name: "vault",
      status: "error",
      message: `the vault ${root}/unmounted is not there`,
      hint: expect.stringContaining("mount the disk or share"),
    });
    expect(checks).toContainEqual(expect.objectContaining({ name: `root ${root}/nothing`, status: "error" }));
    expect(checks.map((one: { name: string }) => one.name)).not.toContain("backups");
  });

  test("tells of a vault that is a file, of backups that are damaged or dated in the future", async () => {
    const { davit, backup, vault, settings, root } = await makeScene();
    await backup("nas", "29991122T020000Z");
    await mkdir(join(vault, "nas/20261120T020000Z"));
    const { stdout } = await davit("doctor");
    expect(stdout).toMatch(
      /^warning +backups +1 of 2 backups of 1 module can't be used: nas\/20261120T020000Z: manif/mu,
    );
    expect(stdout).toMatch(/^warning +clock +it is .+ dated later, as nas\/29991122T020000Z is$/mu);
    await writeFile(join(root, "file"), "");
    settings["DAVIT_VAULT"] = join(root, "file");
    expect((await davit("doctor")).stdout).toMatch(/^error +vault +can't write to \S+: ENOTDIR/mu);
  });

  test("tells of a module that a run which is gone left held", async () => {
    const { davit, settings } = await makeScene();
    const ledger = openLedger(settings["DAVIT_STATE"] ?? "");
    await ledger.write({ module: "nas", mode: "pause", containers: [{ id: "1", name: "nas-app" }] });
    const { code, stdout } = await davit("doctor");
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^error +holds +a run that is gone left nas held: .+\n +hint: `davit backup nas` lets them go/mu,
    );
  });
});
