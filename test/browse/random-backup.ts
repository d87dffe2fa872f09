import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { indexLine } from "../../src/archive/index-line.ts";
import type { IndexEntry } from "../../src/contract/manifest.ts";
import { type BytePath, fromText } from "../../src/format/byte-path.ts";
import type { IndexFile } from "../../src/format/read-index.ts";

export type Dice = (below: number) => number;

/** Numbers that are the same for the same seed: mulberry32. */
export function createDice(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export function pick<T>(dice: Dice, from: readonly T[]): T {
  const one = from[dice(from.length)];
  if (one === undefined) throw new Error("there is nothing to pick from");
  return one;
}

/** What files may be called: each of these is trouble for somebody. */
const plainNames = [
  "a",
  "b",
  "A",
  "ab",
  "Ab.txt",
  "a b",
  "photo.JPG",
  "IMG_1.jpg",
  "IMG_10.jpg",
  "-",
  " ",
  "..a",
  "a..",
];
const hostileNames = [
  "new\nline",
  "new\\nline",
  "50%",
  "%2e%2e",
  'quo"te',
  "back\\slash",
  "*",
  "?",
  "st*r.txt",
  "tab\there",
];
const likeJson = ["\u0001", '","type":"file","size":', "\\u0061"];
const unicode = ["Ärger", "ärger.txt", "e\u0301te", "éTÉ", "Straße", "日本", "😀.png", "ΟΔΟΣ"].map(fromText);
const notUtf8: BytePath[] = ["caf\xe9", "\xff\xfe\x80", "x\xc3"];
const names = [...plainNames, ...hostileNames, ...likeJson, ...unicode, ...notUtf8];

/** Entries as a backup may have them, in the order of a walk: a directory before what is in it, names by their bytes. */
export function randomEntries(dice: Dice, most: number): BackupEntry[] {
  const entries: BackupEntry[] = [];
  const source = pick(dice, ["srv", "opt/docker/volumes/nas", fromText("opt/Größe")]);

  function fill(path: BytePath, depth: number): void {
    entries.push(makeEntry(dice, path, "directory"));
    const here = new Set(Array.from({ length: dice(7) }, () => pick(dice, names)));
    for (const name of [...here].toSorted()) {
      if (entries.length >= most) return;
      const child = `${path}/${name}`;
      if (depth < 5 && dice(3) === 0) fill(child, depth + 1);
      else entries.push(makeEntry(dice, child, pick(dice, ["file", "file", "file", "symlink", "hardlink", "fifo"])));
    }
  }

  while (entries.length < most / 2) {
    entries.length = 0;
    fill(source, 0);
  }
  // Dumps stand at the end, below directories that have no entry.
  if (dice(2) === 0) entries.push(makeEntry(dice, "davit-dumps/nas-db/postgres.sql", "file"));
  return entries.map((entry) => (entry.type === "hardlink" ? linkedTo(entry, entries) : entry));
}

export type BackupEntry = Parameters<typeof indexLine>[0];

export function makeEntry(dice: Dice, path: BytePath, type: BackupEntry["type"]): BackupEntry {
  const sha256 = createHash("sha256")
    .update(String(dice(1000)))
    .digest("hex");
  return {
    path,
    type,
    size: type === "file" ? dice(pick(dice, [1, 1000, 2 ** 40])) : 0,
    mode: dice(0o10000),
    uid: pick(dice, [0, 33, 4_294_967_294]),
    gid: dice(3),
    mtime: pick(dice, ["1700000000.123456789", "0.000000000", "-1.750000000", "-0.500000000", "5682528000.000000001"]),
    ...(type === "file" ? { sha256 } : {}),
    ...(type === "symlink" ? { link: pick(dice, ["../a", "/etc/passwd", "\xff", 'b"c', fromText("ä")]) } : {}),
  };
}

function linkedTo(entry: BackupEntry, entries: readonly BackupEntry[]): BackupEntry {
  const file = entries.find(({ type }) => type === "file");
  return { ...entry, link: file?.path ?? "nowhere" };
}

/** Writes the index of these entries and gives it as it is opened, with its lines as they were written. */
export async function writeIndex(
  folder: string,
  entries: readonly BackupEntry[],
): Promise<IndexFile & { lines: IndexEntry[] }> {
  const lines = entries.map((entry, at) => `${indexLine(entry)},"member":${at * 3},"offset":${at * 512}}`);
  const packed = gzipSync(lines.map((line) => `${line}\n`).join(""));
  await writeFile(join(folder, "index.ndjson.gz"), packed);
  const sha256 = createHash("sha256").update(packed).digest("hex");
  return {
    folder,
    manifest: { index: { file: "index.ndjson.gz", sha256, entries: lines.length } },
    lines: lines.map((line): IndexEntry => JSON.parse(line)),
  };
}
