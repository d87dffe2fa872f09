import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { openVault } from "../../../src/vault/open-vault.ts";
import { expectSameTree } from "../../fixtures/expect-same-tree.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, stateOf } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();
const kills = 20;

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

/** Enough that the stages of a run take their time: many small files, and some that do not compress. */
async function bulk(source: string): Promise<void> {
  for (let folder = 0; folder < 30; folder++) {
    await mkdir(join(source, `folder-${folder}`));
    for (let file = 0; file < 40; file++)
      await writeFile(join(source, `folder-${folder}`, `file-${file}`), `${folder}/${file}\n`.repeat(200));
  }
  await runTool("dd", "if=/dev/urandom", `of=${join(source, "noise")}`, "bs=1M", "count=40", "status=none");
}

/** Starts a verb and waits for its run to begin; gives the process with the time that its start took. */
async function started({ davit }: LabelledModule, ...words: string[]): Promise<ChildProcess> {
  const before = await runFiles(davit.state);
  const child = davit.start(...words);
  await expect.poll(() => runFiles(davit.state), { timeout: 30_000, interval: 2 }).toBeGreaterThan(before);
  return child;
}

async function runFiles(state: string): Promise<number> {
  return (await readdir(join(state, "runs")).catch(() => [])).length;
}

/** How long such a run takes from its beginning to its end, in ms. */
async function duration(scene: LabelledModule, ...words: string[]): Promise<number> {
  const child = await started(scene, ...words);
  const from = performance.now();
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  return performance.now() - from;
}

/** Kills such a run after so many ms, or sees it end before. */
async function killAfter(ms: number, scene: LabelledModule, ...words: string[]): Promise<void> {
  const child = await started(scene, ...words);
  const exit = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  await exit;
  clearTimeout(timer);
}

/** What has to hold after any accident, once Davit runs again. */
async function expectUnharmed({ davit, module, id }: LabelledModule, backups: number): Promise<void> {
  expect(await davit.json("verify", "--all")).toHaveLength(backups);
  expect(await stateOf(id)).toBe("running");
  const names = await readdir(join(davit.vault, module));
  expect(await openVault(davit.vault).list(module)).toHaveLength(backups);
  expect(names.filter((name) => !name.startsWith("."))).toHaveLength(backups);
}

/** Changes the data all the time, as a service does, until the test ends. */
function keepWriting(source: string): void {
  let round = 0;
  const timer = setInterval(() => {
    round += 1;
    const file = join(source, `folder-${round % 30}`, `file-${round % 40}`);
    if (round % 3 === 0) rmSync(file, { force: true });
    else writeFileSync(file, `${round}\n`.repeat(500));
  }, 3);
  onTestFinished(() => clearInterval(timer));
}

/** Kills a backup some moments after it has come to a stage, or sees it end before. */
async function killInStage(stage: string, afterMs: number, scene: LabelledModule): Promise<void> {
  const { davit, module } = scene;
  const child = await started(scene, "backup", module);
  const exit = once(child, "exit");
  const newest = (await readdir(join(davit.state, "runs"))).toSorted().at(-1) ?? "";
  const log = join(davit.state, "runs", newest);
  const hasCome = async () => (await readFile(log, "utf8")).includes(`"stage":"${stage}"`) || child.exitCode !== null;
  await vi.waitUntil(hasCome, { timeout: 60_000, interval: 1 });
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  await exit;
  clearTimeout(timer);
}

it.each(["archive", "hold", "catch-up", "compact", "seal"])(
  "a backup that is killed in the stage %s leaves nothing held and every backup whole",
  { timeout: 300_000 },
  async (stage) => {
    const scene = await labelledModule(containers, bulk);
    const { davit, module, source } = scene;
    await davit.json("backup", module);
    keepWriting(source);
    for (let kill = 0; kill < kills / 5; kill++) {
      await killInStage(stage, kill * 15, scene);
      const sealed = (await readdir(join(davit.vault, module))).filter((name) => !name.startsWith("."));
      await expectUnharmed(scene, sealed.length);
      // Kept few, so that verifying them all stays quick.
      for (const name of sealed.slice(1)) await rm(join(davit.vault, module, name), { recursive: true });
    }
    const before = (await readdir(join(davit.vault, module))).filter((name) => !name.startsWith(".")).length;
    await davit.json("backup", module);
    await expectUnharmed(scene, before + 1);
    expect((await readdir(join(davit.vault, module))).filter((name) => name.startsWith("."))).toEqual([]);
    expect(await davit.json("runs", "--limit", "1")).toMatchObject([{ outcome: "ok" }]);
  },
);

it(
  `a restore in place that is killed at ${kills} moments leaves the old data or the new, never a part`,
  { timeout: 900_000 },
  async () => {
    const scene = await labelledModule(containers, bulk);
    const { davit, module, source } = scene;
    await davit.json("backup", module);
    const copies = await scratchFolder();
    await runTool("cp", "-a", source, join(copies, "backed-up"));
    const words = ["restore", `${module}@latest`, "--in-place"];
    const whole = await duration(scene, ...words);
    for (let kill = 0; kill < kills; kill++) {
      await rm(join(source, "folder-7"), { recursive: true, force: true });
      await appendFile(join(source, "changed"), `${kill}\n`);
      await rm(join(copies, "before"), { recursive: true, force: true });
      await runTool("cp", "-a", source, join(copies, "before"));
      // A moment in which a container may be stopped at any part of the run, the start of the containers included.
      await killAfter(Math.random() * whole, scene, ...words);
      await expectUnharmed(scene, 1);
      const isNew = (await readFile(join(source, "changed"), "utf8").catch(() => null)) === null;
      await expectSameTree(source, join(copies, isNew ? "backed-up" : "before"));
      const left = (await readdir(davit.root)).filter((name) => name.startsWith("."));
      expect(left.filter((name) => name.startsWith(".davit-restore-"))).toEqual([]);
      for (const name of left) await rm(join(davit.root, name), { recursive: true });
    }
    await davit.json(...words);
    await expectSameTree(source, join(copies, "backed-up"));
  },
);
