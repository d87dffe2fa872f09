import { createHash } from "node:crypto";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { listFolder } from "../../src/browse/answer-question.ts";
import type { IndexTable } from "../../src/browse/index-table.ts";
import { loadIndex } from "../../src/browse/load-index.ts";
import { type BytePath, toDisplay } from "../../src/format/byte-path.ts";
import type { IndexFile } from "../../src/format/read-index.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { type BackupEntry, createDice, makeEntry, randomEntries, writeIndex } from "./random-backup.ts";

const all = { skip: 0, limit: 10_000 };

async function loaded(entries: readonly BackupEntry[]): Promise<IndexTable> {
  return loadIndex(await writeIndex(await scratchFolder(), entries));
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const dice = createDice(seed);
  return values
    .map((value) => ({ value, at: dice(2 ** 30) }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ value }) => value);
}

/** Every folder with what lies in it, by the paths alone. */
function foldersOf(entries: readonly BackupEntry[]): Map<BytePath, Set<BytePath>> {
  const folders = new Map<BytePath, Set<BytePath>>([["", new Set()]]);
  for (const { path } of entries) {
    const parts = path.split("/");
    for (let depth = 0; depth < parts.length; depth += 1) {
      const above = parts.slice(0, depth).join("/");
      const name = parts[depth] ?? "";
      folders.set(above, (folders.get(above) ?? new Set()).add(name));
    }
  }
  for (const { path, type } of entries) if (type === "directory" && !folders.has(path)) folders.set(path, new Set());
  return folders;
}

describe("an index in memory", () => {
  it.each(Array.from({ length: 30 }, (_, at) => at + 1))(
    "has every line as it was written, in whatever order (seed %i)",
    async (seed) => {
      const written = randomEntries(createDice(seed), 80);
      for (const entries of [written, shuffled(written, seed)]) {
        const index = await writeIndex(await scratchFolder(), entries);
        const table = await loadIndex(index);
        for (const [ordinal, { path }] of entries.entries()) {
          const node = table.find(path) ?? -1;
          expect(table.path(node)).toBe(path);
          expect([table.content.ordinal[node], table.entry(node)]).toEqual([ordinal, index.lines[ordinal]]);
        }
      }
    },
  );

  it.each(Array.from({ length: 30 }, (_, at) => at + 1))(
    "lists folders as their paths say, with all that is below them (seed %i)",
    async (seed) => {
      const entries = randomEntries(createDice(seed), 80);
      const table = await loaded(shuffled(entries, seed));
      const folders = foldersOf(entries);
      for (const [path, names] of folders) {
        const index = {
          id: "nas/20261122T020000Z",
          folder: "",
          manifest: { index: { file: "", sha256: "", entries: 0 } },
        };
        const { folder, entries: listed, total } = listFolder(table, { index, path, page: all });
        expect(listed.map(({ name }) => name).toSorted()).toEqual([...names].map(toDisplay).toSorted());
        expect(total).toBe(names.size);
        const below = entries.filter((one) => path === "" || one.path.startsWith(`${path}/`));
        const bytes = below.reduce((sum, { size }) => sum + size, 0);
        expect(folder.below).toEqual({ entries: below.length, bytes });
        expect(folder.listed).toBe(entries.some((one) => one.path === path));
        const firstOther = listed.findIndex(({ type }) => type !== "directory");
        expect(firstOther < 0 || listed.slice(firstOther).every(({ type }) => type !== "directory")).toBe(true);
      }
    },
  );

  it("lists folders first, then names as a person looks for them", async () => {
    const dice = createDice(1);
    const files = ["b.txt", "Zebra", "apple", "Äpfel", "B.txt", "_x"].map(
      (name) => `srv/${Buffer.from(name).toString("latin1")}`,
    );
    const entries = [...files.map((path) => makeEntry(dice, path, "file")), makeEntry(dice, "srv/zoo", "directory")];
    const table = await loaded(entries);
    const names = Array.from(table.sortedChildren(table.find("srv") ?? -1), (node) => toDisplay(table.name(node)));
    expect(names).toEqual(["zoo", "_x", "apple", "B.txt", "b.txt", "Zebra", "Äpfel"]);
  });

  it("gives pages that join without a gap", async () => {
    const dice = createDice(1);
    const entries = Array.from({ length: 25 }, (_, at) =>
      makeEntry(dice, `srv/f${String(at).padStart(2, "0")}`, "file"),
    );
    const table = await loaded(entries);
    const index = { id: "nas/20261122T020000Z", folder: "", manifest: { index: { file: "", sha256: "", entries: 0 } } };
    const names: string[] = [];
    for (let skip = 0, more = true; more; skip += 10) {
      const page = listFolder(table, { index, path: "srv", page: { skip, limit: 10 } });
      names.push(...page.entries.map(({ name }) => name));
      more = page.more;
    }
    expect(names).toEqual(entries.map(({ path }) => path.slice(4)));
  });

  it("says what is near a path that is not there, and that a file is no folder", async () => {
    const dice = createDice(1);
    const table = await loaded([
      makeEntry(dice, "srv/photos", "directory"),
      makeEntry(dice, "srv/photos/a.jpg", "file"),
    ]);
    const index = { id: "nas/20261122T020000Z", folder: "", manifest: { index: { file: "", sha256: "", entries: 0 } } };
    const list = (path: string) => () => listFolder(table, { index, path, page: all });
    expect(list("srv/fotos/2026")).toThrow(
      expect.objectContaining({ kind: "missing", hint: "did you mean /srv/photos/2026?" }),
    );
    expect(list("srv/photos/a.jpg")).toThrow(expect.objectContaining({ kind: "usage" }));
    expect(list("srv/photos/a.jpg/x")).toThrow(expect.objectContaining({ kind: "missing" }));
  });

  it("gives a hard link the content of the file that it names", async () => {
    const dice = createDice(1);
    const file = makeEntry(dice, "srv/a", "file");
    const table = await loaded([file, { ...makeEntry(dice, "srv/b", "hardlink"), link: "srv/a" }]);
    expect(table.hasSameContent(table.find("srv/a") ?? -1, table, table.find("srv/b") ?? -1)).toBe(true);
    expect(table.entry(table.find("srv/b") ?? -1)).toMatchObject({ type: "hardlink", size: 0, link: "srv/a" });
  });
});

describe("an index that is not what the manifest says", () => {
  const dice = createDice(1);
  const good = ["srv/a", "srv/b"].map((path) => makeEntry(dice, path, "file"));

  /** Another content under the manifest's name, with everything else right. */
  async function holding(text: string, lines: number): Promise<IndexFile> {
    const folder = await scratchFolder();
    const packed = gzipSync(text);
    await writeFile(join(folder, "index.ndjson.gz"), packed);
    const sha256 = createHash("sha256").update(packed).digest("hex");
    return { folder, manifest: { index: { file: "index.ndjson.gz", sha256, entries: lines } } };
  }
  const line = (more: object): string =>
    JSON.stringify({
      path: "a",
      type: "fifo",
      size: 0,
      mode: 0,
      uid: 0,
      gid: 0,
      mtime: "0.000000000",
      member: 0,
      offset: 0,
      ...more,
    });

  it("is damaged where its checksum is another", async () => {
    const index = await writeIndex(await scratchFolder(), good);
    index.manifest.index.sha256 = "0".repeat(64);
    await expect(loadIndex(index)).rejects.toMatchObject({
      kind: "damaged",
      message: expect.stringContaining("checksum"),
    });
    const extended = await writeIndex(await scratchFolder(), good);
    await appendFile(join(extended.folder, "index.ndjson.gz"), gzipSync(`${line({})}\n`));
    await expect(loadIndex(extended)).rejects.toMatchObject({ kind: "damaged" });
  });

  it.each([
    ["a line that is cut", line({}).slice(0, 40), 1],
    ["no end of its last line", line({}), 1],
    ["another number of lines", `${line({})}\n`, 2],
    ["one path twice", `${line({})}\n${line({})}\n`, 2],
    ["a number that can't be", `${line({ uid: 2 ** 33 })}\n`, 1],
    ["a mode that can't be", `${line({ mode: 70_000 })}\n`, 1],
    ["a time that can't be", `${line({ mtime: "yesterday" })}\n`, 1],
    ["a checksum that is none", `${line({ type: "file", sha256: "abc" })}\n`, 1],
    ["a path that is too long", `${line({ path: "x".repeat(5000) })}\n`, 1],
    ["a field that nobody knows", `${line({ extra: 1 })}\n`, 1],
    ["text that is no JSON", "{]\n", 1],
  ])("is damaged where it has %s", async (_, text, lines) => {
    await expect(loadIndex(await holding(text, lines))).rejects.toMatchObject({ kind: "damaged" });
  });

  it("may have its fields in another order and names escaped that need not be", async () => {
    const text =
      '{"type":"file","path":"\\u0061/\\u0062","size":1,"mode":420,"uid":0,"gid":0,"offset":7,"member":5,"mtime":"1.000000000"}\n';
    const table = await loadIndex(await holding(text, 1));
    expect(table.entry(table.find("a/b") ?? -1)).toMatchObject({ path: "a/b", size: 1, member: 5, offset: 7 });
  });
});
