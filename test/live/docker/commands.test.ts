import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, stateOf, uniqueName } from "../../fixtures/live/engine.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => {
  await containers.removeAll();
});

/** A labelled container with data below a root of its own, and the CLI on it. */
async function host(labels: Record<string, string> = {}) {
  const root = await scratchFolder();
  const program = await DavitProgram.in(root, { TZ: "Europe/Berlin" });
  const data = join(program.root, "app");
  await mkdir(data);
  await writeFile(join(data, "notes.txt"), "remember the milk\n");
  const { name, id } = await containers.make({
    name: uniqueName("commands"),
    labels: { "davit.enable": "true", ...labels },
    binds: [`${data}:/data`, "/var/run/docker.sock:/var/run/docker.sock:ro"],
  });
  return { root, data, name, id, davit: (...words: string[]) => program.run(...words) };
}

describe("davit modules", () => {
  test("shows a module with its containers, sources, schedule, newest backup and what is left out", async () => {
    const { name, data, davit } = await host({ "davit.schedule": "30 3 * * *" });
    const before = await davit("modules", name);
    expect(before).toMatchObject({ code: 0, stderr: "" });
    expect(before.stdout.split("\n")).toEqual([
      name,
      `  containers  ${name} (davit-test-busybox:applets, running)`,
      `  sources     ${data}`,
      "  left out    /var/run/docker.sock: a socket",
      "  hold        pause, at most 60 s",
      expect.stringMatching(
        /^ {2}schedule {4}30 3 \* \* \* \(Europe\/Berlin\), next \d{4}-\d\d-\d\d 03:30, in \d+ \w+$/u,
      ),
      "  drill       health, well within 300 s; by hand only",
      `  newest      none yet: \`davit backup ${name}\` makes the first`,
      "",
    ]);
    expect((await davit("backup", name)).code).toBe(0);
    const after = await davit("modules", name);
    expect(after.stdout).toMatch(new RegExp(`^ {2}newest {6}${name}/\\d{8}T\\d{6}Z, .+, sealed$`, "mu"));
    expect(JSON.parse((await davit("modules", name, "--json")).stdout)).toMatchObject([
      { name, nextRun: expect.stringContaining("T"), lastBackup: { module: name, problem: null, entries: 2 } },
    ]);
  });

  test("shows a broken module as failing, with the way out, and exits with 0; doctor and backup do not", async () => {
    const { name, davit } = await host({ "davit.keep": "lats=3", "davit.hol": "stop" });
    const { code, stdout } = await davit("modules", name);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${name} {2}FAILING: it is not backed up until its errors are mended$`, "mu"));
    expect(stdout).toMatch(/^ {2}error {7}.+lats.*\n {14}hint: /mu);
    expect(stdout).toMatch(/^ {2}warning {5}.+davit\.hol.*\n {14}hint: /mu);
    expect(stdout).toMatch(/^ {2}schedule {4}0 2 \* \* \* \(Europe\/Berlin\), not due$/mu);
    expect((await davit("backup", name)).code).toBe(3);
    const doctor = await davit("doctor");
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/^ok +docker +the engine at unix:\/\/\/var\/run\/docker\.sock answers: Docker \d/mu);
    expect(doctor.stdout).toMatch(
      new RegExp(`^error +modules +\\d+ of \\d+ modules? can't be backed up: .*${name}`, "mu"),
    );
  });

  test("a module that is not there is missing, with the nearest that is", async () => {
    const { name, davit } = await host();
    const wrong = `${name.slice(0, -1)}_`;
    for (const verb of ["modules", "backup", "prune"])
      expect(await davit(verb, wrong)).toMatchObject({
        code: 4,
        stdout: "",
        stderr: expect.stringContaining(`there is no module ${wrong}\n  hint: did you mean ${name}?`),
      });
  });
});

describe("davit backup --json", () => {
  test("gives the manifest, and leaves a run and a backup that can be read", async () => {
    const { name, id, data, davit } = await host();
    const { code, stdout, stderr } = await davit("backup", name, "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const [result] = JSON.parse(stdout);
    expect(result).toMatchObject({ module: name, ok: true, manifest: { hold: { mode: "pause", consistent: true } } });
    expect(await davit("cat", result.id, join(data, "notes.txt"))).toMatchObject({ stdout: "remember the milk\n" });
    const runs = JSON.parse((await davit("runs", name, "--json")).stdout);
    expect(runs).toMatchObject([{ kind: "backup", outcome: "ok", backup: result.id, trigger: "cli" }]);
    expect((await davit("runs", "--show", runs[0].run)).stdout).toContain("  stage hold\n");
    expect((await davit("runs", "--follow", runs[0].run)).code).toBe(0);
    expect(await stateOf(id)).toBe("running");
  });
});

describe("davit prune", () => {
  test("prints each decision with its reason, and removes only without --dry-run", async () => {
    const { name, root, davit } = await host({ "davit.keep": "last=1" });
    const ids: string[] = [];
    for (const time of ["20260101T020000Z", "20260102T020000Z"]) {
      const [made] = JSON.parse((await davit("backup", name, "--json")).stdout);
      // Each backup prunes on its own, so the earlier ones stand aside meanwhile.
      await rename(join(root, "vault", made.id), join(root, time));
      ids.push(`${name}/${time}`);
    }
    for (const time of ["20260101T020000Z", "20260102T020000Z"]) await adopt(root, name, time);
    const preview = await davit("prune", name, "--dry-run");
    expect(preview.stdout.split("\n")).toEqual([
      `keep          ${ids[1]}  the newest, last`,
      `would remove  ${ids[0]}  no rule keeps it`,
      `${name}: would remove 1 of 2`,
      "",
    ]);
    expect(JSON.parse((await davit("list", name, "--json")).stdout)).toHaveLength(2);
    const pruned = await davit("prune", name, "--json");
    expect(JSON.parse(pruned.stdout)).toMatchObject([
      {
        module: name,
        ok: true,
        dryRun: false,
        decisions: [{ keep: true }, { id: ids[0], keep: false }],
        notRemoved: [],
      },
    ]);
    expect(JSON.parse((await davit("list", name, "--json")).stdout)).toMatchObject([{ id: ids[1] }]);
    expect((await davit("prune", name)).stdout).toContain(`${name}: removed 0 of 1\n`);
  });
});

/** Puts a backup into the vault as one of that time. */
async function adopt(root: string, module: string, time: string): Promise<void> {
  const folder = join(root, "vault", module, time);
  await rename(join(root, time), folder);
  const file = join(folder, "manifest.json");
  await writeFile(file, (await readFile(file, "utf8")).replace(/"time": "[^"]+"/u, `"time": "${time}"`));
}
