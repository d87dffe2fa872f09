import { once } from "node:events";
import { describe, expect, test, vi } from "vitest";
import { Failure } from "../../src/failure/failure.ts";
import { openRuns } from "../../src/runs/open-runs.ts";
import { makeScene, type Scene } from "./scene.ts";

async function backupRun({ settings }: Scene, module = "nas") {
  return openRuns(settings["DAVIT_STATE"] ?? "").start({ kind: "backup", module, trigger: "schedule" });
}

describe("davit runs", () => {
  test("says that nothing was run yet", async () => {
    const { davit } = await makeScene();
    expect(await davit("runs")).toEqual({ code: 0, stdout: "nothing was run yet\n", stderr: "" });
    expect((await davit("runs", "nas")).stdout).toBe("nothing was run yet for nas\n");
    expect((await davit("runs", "--json")).stdout).toBe("[]\n");
  });

  test("lists runs newest first, with how each ended", async () => {
    const scene = await makeScene();
    const good = await backupRun(scene);
    good.stage("archive");
    good.warning("one file changed");
    await good.end("ok", { backup: "nas/20261122T020000Z" });
    const bad = await backupRun(scene, "wiki");
    await bad.end("failed", { failure: new Failure("storage", "the vault is full", { hint: "free some space" }) });
    const { stdout } = await scene.davit("runs");
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^RUN +STARTED +TOOK +BY +RESULT$/u);
    expect(lines[1]).toMatch(/-backup-wiki-[0-9a-f]{4} +.+ schedule {2}FAILED: the vault is full$/u);
    expect(lines[2]).toMatch(/-backup-nas-[0-9a-f]{4} +.+ schedule {2}ok nas\/20261122T020000Z, 1 warning$/u);
    expect(JSON.parse((await scene.davit("runs", "--limit", "1", "--json")).stdout)).toMatchObject([{ run: bad.id }]);
    expect(JSON.parse((await scene.davit("runs", "nas", "--json")).stdout)).toMatchObject([{ run: good.id }]);
  });

  test("shows one run's events", async () => {
    const scene = await makeScene();
    const run = await backupRun(scene);
    run.stage("archive");
    run.warning("one file changed", "that is no harm");
    await run.end("failed", { failure: new Failure("storage", "the vault is full", { hint: "free some space" }) });
    const { code, stdout } = await scene.davit("runs", "--show", run.id);
    expect(code).toBe(0);
    expect(stdout.replaceAll(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/gmu, "TIME")).toBe(
      [
        "TIME  backup of nas started by schedule",
        "TIME  stage archive",
        "TIME  warning: one file changed",
        "                       hint: that is no harm",
        "TIME  ended failed: the vault is full",
        "                       hint: free some space",
        "",
      ].join("\n"),
    );
    const json = JSON.parse((await scene.davit("runs", "--show", run.id, "--json")).stdout);
    expect(json.map((one: { type: string }) => one.type)).toEqual(["started", "stage", "warning", "ended"]);
  });

  test("follows a run until it ends, and ends as it did", async () => {
    const scene = await makeScene();
    const run = await backupRun(scene);
    const child = scene.program.start("runs", "--follow", run.id, "--json");
    const closed = once(child, "close");
    let told = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (told += text));
    await vi.waitUntil(() => told.includes('"started"'), { timeout: 20_000 });
    run.stage("seal");
    await run.end("failed", { failure: new Failure("storage", "the vault is full") });
    expect((await closed)[0]).toBe(7);
    const types = told
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    expect(types).toEqual(["started", "stage", "ended"]);
  });

  test("a run that is not there is missing", async () => {
    const { davit } = await makeScene();
    for (const option of ["--show", "--follow"])
      expect(await davit("runs", option, "20261122T020000Z-backup-nas-ab12")).toMatchObject({
        code: 4,
        stderr: expect.stringContaining("there is no run 20261122T020000Z-backup-nas-ab12\n  hint: `davit runs` lists"),
      });
  });
});
