import { chmod, link, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromText } from "../../src/format/byte-path.ts";
import { healRestore } from "../../src/restore/heal-restore.ts";
import { openStaging } from "../../src/restore/open-staging.ts";
import { placesOf } from "../../src/restore/places.ts";
import { planSwaps, planUndo } from "../../src/restore/plan-swaps.ts";
import { type JournalEntry, openRestoreJournal, type RestoreJournal } from "../../src/restore/restore-journal.ts";
import { type Swap, swapIn } from "../../src/restore/swaps.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { treeSnapshot } from "../fixtures/tree-snapshot.ts";

const now = new Date("2026-11-22T02:00:00Z");
const longName = "l".repeat(255);

interface Scene {
  /** Holds the sources; all that is in it has to be as it was. */
  data: string;
  journal: RestoreJournal;
  stateDir: string;
  swaps: Swap[];
}

/** Two sources in one folder, a third in another, a file in a fourth, and a source that is not there yet. */
async function scene(): Promise<Scene> {
  const root = await scratchFolder();
  const data = join(root, "data");
  for (const folder of ["one", "two", "far/three", "four/in"]) {
    await mkdir(join(data, folder), { recursive: true });
    await writeFile(join(data, folder, "file"), `old ${folder}`);
  }
  await writeFile(join(data, longName), "old long");
  await link(join(data, "one/file"), join(data, "two/linked"));
  await symlink("/etc/passwd", join(data, "one/link"));
  await chmod(join(data, "two"), 0o750);
  const source = (name: string) => ({ path: join(data, name), kind: "bind" as const });
  const sources = ["one", "two", "far/three", longName, "new"].map(source);
  const places = [
    ...placesOf(sources, []),
    ...placesOf([source("four")], [fromText(join(data, "four/in/file").slice(1))]),
  ];
  const stateDir = join(root, "state");
  return { data, stateDir, journal: openRestoreJournal(stateDir), swaps: planSwaps(places, now) };
}

function entryOf(swaps: Swap[], phase: JournalEntry["phase"]): JournalEntry {
  const backup = "nas/20261122T020000Z";
  return { format: 1, module: "nas", backup, at: now.toISOString(), phase, stops: true, swaps };
}

/** The restored data of each swap, ready to come in. */
async function makeReady(swaps: Swap[]): Promise<void> {
  openStaging(swaps).close();
  for (const { root, parent, staging, incoming } of swaps) {
    if (incoming === null) continue;
    const made = join(root, parent, staging, incoming);
    await mkdir(made);
    await writeFile(join(made, "file"), "restored");
    await writeFile(Buffer.concat([Buffer.from(`${made}/`), Buffer.from([0xff, 0x66])]), "name that is not UTF-8");
  }
}

/** Every rename that `swapIn` does, in its order. */
function renamesOf(swaps: Swap[]): { from: string; to: string }[] {
  return swaps.flatMap(({ root, parent, name, staging, incoming, aside, replaces }) => {
    const at = (...parts: string[]): string => join(root, parent, ...parts);
    return [
      ...(replaces ? [{ from: at(name), to: at(aside) }] : []),
      ...(incoming === null ? [] : [{ from: at(staging, incoming), to: at(name) }]),
    ];
  });
}

async function renameFirst(swaps: Swap[], count: number): Promise<void> {
  for (const { from, to } of renamesOf(swaps).slice(0, count)) await rename(from, to);
}

const cutOffs = Array.from({ length: 12 }, (_, done) => done);

describe("a restore in place that was cut off", () => {
  it("has as many renames as the cases below", async () => {
    const { swaps } = await scene();
    expect(renamesOf(swaps)).toHaveLength(cutOffs.length - 1);
  });

  it.each(cutOffs)("is rolled back to exactly the old tree after %i renames", async (done) => {
    const { data, journal, swaps } = await scene();
    const before = treeSnapshot(data);
    await makeReady(swaps);
    await renameFirst(swaps, done);
    const entry = entryOf(swaps, "swap");
    await journal.write(entry);
    expect(await healRestore(journal, "nas")).toBe(entry.backup);
    expect(treeSnapshot(data)).toEqual(before);
    expect(await healRestore(journal, "nas")).toBe(null);
    // As after a power cut that lost the end of the healing.
    await journal.write(entry);
    await healRestore(journal, "nas");
    expect(treeSnapshot(data)).toEqual(before);
    expect(await journal.last("nas")).toBe(null);
  });

  it.each(cutOffs)("loses nothing where the rollback itself was cut off while it cleared up (%i)", async (done) => {
    const { data, journal, swaps } = await scene();
    const before = treeSnapshot(data);
    await makeReady(swaps);
    // Some of what was made ready is removed, the folder is still there, and the journal may say either.
    for (const { root, parent, staging, incoming } of swaps.slice(0, done % swaps.length))
      if (incoming !== null) await rm(join(root, parent, staging, incoming), { recursive: true });
    await journal.write(entryOf(swaps, done < swaps.length ? "swap" : "extract"));
    await healRestore(journal, "nas");
    expect(treeSnapshot(data)).toEqual(before);
  });

  it("is rolled back where someone removed the folder of what was made ready", async () => {
    const { data, journal, swaps } = await scene();
    const before = treeSnapshot(data);
    await makeReady(swaps);
    await renameFirst(swaps, 3);
    for (const { root, parent, staging } of swaps)
      await rm(join(root, parent, staging), { recursive: true, force: true });
    await journal.write(entryOf(swaps, "swap"));
    await healRestore(journal, "nas");
    expect(treeSnapshot(data)).toEqual(before);
  });

  it("loses what was made ready, and nothing else, when nothing was exchanged yet", async () => {
    const { data, journal, swaps } = await scene();
    const before = treeSnapshot(data);
    await makeReady(swaps);
    await journal.write(entryOf(swaps, "extract"));
    expect(await healRestore(journal, "nas")).not.toBe(null);
    expect(treeSnapshot(data)).toEqual(before);
  });

  it("stays done when every name was changed and it was said so", async () => {
    const { data, journal, swaps } = await scene();
    await makeReady(swaps);
    swapIn(swaps);
    await journal.write(entryOf(swaps, "done"));
    expect(await healRestore(journal, "nas")).toBe(null);
    expect(await journal.unfinished("nas")).toBe(null);
    expect((await journal.last("nas"))?.phase).toBe("done");
    for (const name of ["one", "two", "far/three", longName, "new"])
      expect(await readFile(join(data, name, "file"), "utf8")).toBe("restored");
    const left = await readdir(data);
    expect(left.filter((name) => name.startsWith(".davit-restore"))).toEqual([]);
    const after = treeSnapshot(data);
    await healRestore(journal, "nas");
    expect(treeSnapshot(data)).toEqual(after);
  });

  it.each(cutOffs)("leaves the restored tree when its undo was cut off after %i renames", async (done) => {
    const { data, journal, swaps } = await scene();
    await makeReady(swaps);
    swapIn(swaps);
    await journal.write(entryOf(swaps, "done"));
    await healRestore(journal, "nas");
    const restored = treeSnapshot(data);
    const undo = planUndo(entryOf(swaps, "done"), now);
    await renameFirst(undo, done);
    for (let time = 0; time < 2; time += 1) {
      await journal.write(entryOf(undo, "swap"));
      await healRestore(journal, "nas");
      expect(treeSnapshot(data)).toEqual(restored);
    }
  });

  it("does no harm where the folder of a source is gone", async () => {
    const { data, journal, swaps } = await scene();
    await makeReady(swaps);
    await journal.write(entryOf(swaps, "swap"));
    await rm(join(data, "far"), { recursive: true });
    const before = treeSnapshot(data).filter((line) => !line.includes(".davit-restore"));
    await healRestore(journal, "nas");
    expect(treeSnapshot(data)).toEqual(before);
  });
});

describe("the journal of restores", () => {
  it.each([
    ["cut off", '{"format":1,"mod'],
    ["empty", ""],
    ["of another format", JSON.stringify({ ...entryOf([], "swap"), format: 2 })],
    ["of a phase that is not known", JSON.stringify({ ...entryOf([], "swap"), phase: "over" })],
  ])("that is %s is named, with what to do, and nothing is touched", async (_what, text) => {
    const { data, journal, stateDir, swaps } = await scene();
    await makeReady(swaps);
    await journal.write(entryOf(swaps, "swap"));
    const file = join(stateDir, "restores", "nas.open.json");
    await writeFile(file, text);
    const before = treeSnapshot(data);
    await expect(healRestore(journal, "nas")).rejects.toMatchObject({
      kind: "storage",
      message: expect.stringContaining(file),
      hint: expect.stringContaining(".before-restore-"),
    });
    expect(treeSnapshot(data)).toEqual(before);
    expect((await lstat(file)).isFile()).toBe(true);
  });
});
