import { describe, expect, it } from "vitest";
import { compareTables } from "../../src/browse/compare-tables.ts";
import { describeDifference } from "../../src/browse/describe-node.ts";
import type { IndexTable } from "../../src/browse/index-table.ts";
import { loadIndex } from "../../src/browse/load-index.ts";
import type { Change } from "../../src/contract/browse.ts";
import { type BytePath, fromText } from "../../src/format/byte-path.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { type BackupEntry, createDice, type Dice, makeEntry, randomEntries, writeIndex } from "./random-backup.ts";

async function loaded(entries: readonly BackupEntry[]): Promise<IndexTable> {
  return loadIndex(await writeIndex(await scratchFolder(), entries));
}

interface Difference {
  path: BytePath;
  kind: Change["kind"];
  what: Change["what"];
}

function compared(now: IndexTable, before: IndexTable): Difference[] {
  const { counts, rows } = compareTables(now, before);
  const found: Difference[] = [];
  for (let at = 0; at < rows.length; at += 3) {
    const difference = { now: rows[at] ?? 0, before: rows[at + 1] ?? 0, what: rows[at + 2] ?? 0 };
    const { path, path64, kind, what } = describeDifference(now, before, difference);
    found.push({
      path: path64 === undefined ? fromText(path) : Buffer.from(path64, "base64").toString("latin1"),
      kind,
      what,
    });
  }
  for (const kind of ["added", "changed", "removed"] as const)
    expect(counts[kind]).toBe(found.filter((one) => one.kind === kind).length);
  return found;
}

/** The same by looking up each path in the other list. */
function expected(now: readonly BackupEntry[], before: readonly BackupEntry[]): Difference[] {
  const contentOf = (entry: BackupEntry, all: readonly BackupEntry[]): string | undefined =>
    entry.type === "hardlink" ? all.find(({ path }) => path === entry.link)?.sha256 : entry.sha256;
  const hasContent = ({ type }: BackupEntry): boolean => type === "file" || type === "hardlink";
  const found: Difference[] = [];
  for (const entry of now) {
    const earlier = before.find(({ path }) => path === entry.path);
    if (earlier === undefined) found.push({ path: entry.path, kind: "added", what: [] });
    else {
      const what: Change["what"] = [];
      if (hasContent(entry) && hasContent(earlier) && contentOf(entry, now) !== contentOf(earlier, before))
        what.push("content");
      if (entry.type !== earlier.type) what.push("type");
      if (entry.mode !== earlier.mode) what.push("mode");
      if (entry.uid !== earlier.uid || entry.gid !== earlier.gid) what.push("owner");
      if (entry.type === earlier.type && entry.link !== earlier.link) what.push("link");
      if (what.length > 0) found.push({ path: entry.path, kind: "changed", what });
    }
  }
  const there = new Set(now.map(({ path }) => path));
  for (const { path } of before) if (!there.has(path)) found.push({ path, kind: "removed", what: [] });
  return found;
}

/** Some entries gone, some new, some other. */
function later(dice: Dice, entries: readonly BackupEntry[]): BackupEntry[] {
  const kept = entries.filter(({ type }) => type === "directory" || dice(5) > 0);
  const others = kept.map((entry) => {
    if (dice(5) > 0) return entry;
    return entry.type === "directory"
      ? { ...entry, mode: dice(0o10000) }
      : makeEntry(dice, entry.path, dice(4) === 0 ? "fifo" : "file");
  });
  return [...others, makeEntry(dice, "zz-new/deep/file", "file"), makeEntry(dice, "0", "file")];
}

function byPath(list: readonly Difference[]): Difference[] {
  return list.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

describe("comparing two indexes", () => {
  it.each(Array.from({ length: 40 }, (_, at) => at + 1))(
    "tells what was added, changed and removed, and nothing else (seed %i)",
    async (seed) => {
      const dice = createDice(seed);
      const before = randomEntries(dice, 80);
      const now = later(dice, before);
      const found = compared(await loaded(now), await loaded(before));
      expect(byPath(found)).toEqual(byPath(expected(now, before)));
      expect(compared(await loaded(now), await loaded(now))).toEqual([]);
    },
  );

  it("tells of unrelated backups that all of one was added and all of the other removed", async () => {
    const dice = createDice(1);
    const [now, before] = [makeEntry(dice, "srv/a", "file"), makeEntry(dice, "opt/b", "file")];
    expect(compared(await loaded([now]), await loaded([before])).map(({ path, kind }) => [path, kind])).toEqual([
      ["opt/b", "removed"],
      ["srv/a", "added"],
    ]);
  });

  it("takes a folder that became a file for both", async () => {
    const dice = createDice(1);
    const now = [makeEntry(dice, "srv/a", "file")];
    const before = [makeEntry(dice, "srv/a", "directory"), makeEntry(dice, "srv/a/b", "file")];
    const found = compared(await loaded(now), await loaded(before));
    expect(found.map(({ path, kind }) => [path, kind])).toEqual([
      ["srv/a", "changed"],
      ["srv/a/b", "removed"],
    ]);
  });

  it("does not mind a later time alone", async () => {
    const entry = makeEntry(createDice(1), "srv/a", "file");
    const touched = { ...entry, mtime: "1800000000.000000000" };
    expect(compared(await loaded([touched]), await loaded([entry]))).toEqual([]);
  });
});
