import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { compareIndexes, emptySources } from "../../src/compare/compare-indexes.ts";
import { indexEntry, type IndexEntry } from "../../src/contract/manifest.ts";
import { fromText } from "../../src/format/byte-path.ts";
import type { IndexFile } from "../../src/format/read-index.ts";
import { exampleEntry } from "../fakes/examples.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

function file(path: string, content: string): IndexEntry {
  const sha256 = Buffer.from(content).toString("hex").padEnd(64, "0");
  return exampleEntry(fromText(path), content.length, sha256);
}

function other(path: string, type: IndexEntry["type"]): IndexEntry {
  const { sha256: _, ...entry } = exampleEntry(fromText(path), 0, "");
  return { ...entry, type };
}

async function index(entries: readonly IndexEntry[]): Promise<IndexFile> {
  const folder = await scratchFolder();
  const lines = entries.map((entry) => `${JSON.stringify(indexEntry.parse(entry))}\n`).join("");
  await writeFile(`${folder}/index.ndjson.gz`, gzipSync(lines));
  return {
    folder,
    manifest: { index: { file: "index.ndjson.gz", sha256: "0".repeat(64), entries: entries.length } },
  };
}

it("counts the files that changed or are gone, in whatever order the entries are, and not those that are new", async () => {
  const before = await index([
    other("srv", "directory"),
    file("srv/a", "same"),
    file("srv/b", "old"),
    file("srv/c", "gone"),
    file("srv/empty", ""),
    file('srv/","type":"directory"', "odd name"),
    other("srv/link", "symlink"),
  ]);
  const now = await index([
    file("srv/new", "new"),
    file("srv/b", "changed"),
    file('srv/","type":"directory"', "odd name"),
    other("srv", "directory"),
    file("srv/a", "same"),
  ]);
  const sources = ["/srv"];
  expect(await compareIndexes({ now, before, sources })).toEqual({ files: 4, changed: 2, emptied: [] });
});

it("compares the same sample of both where there are many files", async () => {
  const many = (changes: (at: number) => boolean): IndexEntry[] =>
    Array.from({ length: 20_000 }, (_, at) => file(`srv/${at}`, changes(at) ? "changed" : "same"));
  const before = await index(many(() => false));
  const now = await index(many((at) => at % 4 !== 0).toReversed());
  const { files, changed } = await compareIndexes({ now, before, sources: ["/srv"], mostFiles: 2000 });
  expect(files).toBeGreaterThan(1700);
  expect(files).toBeLessThan(2300);
  expect(changed / files).toBeGreaterThan(0.7);
  expect(changed / files).toBeLessThan(0.8);
  const same = await compareIndexes({ now: before, before, sources: ["/srv"], mostFiles: 2000 });
  expect(same.changed).toBe(0);
});

it("finds the sources that held something and hold nothing but folders now", async () => {
  const before = await index([
    other("srv/full", "directory"),
    file("srv/full/a", "a"),
    other("srv/lost", "directory"),
    other("srv/lost/pipe", "fifo"),
    other("srv/never", "directory"),
    file("srv/neverland", "a"),
  ]);
  const now = await index([
    other("srv/full", "directory"),
    file("srv/full/a", "a"),
    other("srv/lost", "directory"),
    other("srv/lost/folder", "directory"),
    other("srv/never", "directory"),
  ]);
  const sources = ["/srv/full", "/srv/lost", "/srv/never"];
  for (const mostFiles of [1, 100_000])
    expect(await compareIndexes({ now, before, sources, mostFiles })).toMatchObject({ emptied: ["/srv/lost"] });
  expect(await emptySources(now, sources)).toEqual(["/srv/lost", "/srv/never"]);
  expect(await emptySources(before, ["/"])).toEqual([]);
});
