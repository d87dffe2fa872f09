import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BytePath, fsPath } from "../../src/format/byte-path.ts";
import { extractBackup, type ExtractOrder } from "../../src/restore/extract-backup.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { type BuiltEntry, buildBackup } from "../fixtures/tar-builder.ts";
import { treeSnapshot } from "../fixtures/tree-snapshot.ts";

const odd: BytePath = "v/\xff\xfe";
const base64 = (path: BytePath): string => Buffer.from(path, "latin1").toString("base64");
const shown = (path: BytePath): string => Buffer.from(path, "latin1").toString("utf8");

const entries: BuiltEntry[] = [
  { path: "v", type: "directory", mode: 0o700 },
  { path: "v/a", type: "directory", mode: 0o710 },
  { path: "v/a/x", content: "first" },
  { path: "v/ab", content: "ab" },
  { path: "v/b", type: "hardlink", link: "v/a/x" },
  { path: "v/c", type: "hardlink", link: "v/a/x" },
  { path: "v/empty", type: "directory", mode: 0o1777 },
  { path: odd, content: "odd", line: { path: shown(odd), path64: base64(odd) } },
  { path: "v/\xff\xfd", content: "other", line: { path: shown(odd), path64: base64("v/\xff\xfd") } },
];

async function restored(
  select: BytePath[],
  more: Partial<ExtractOrder> = {},
): Promise<{ target: string; count: number }> {
  const scratch = await scratchFolder();
  const target = join(scratch, "target");
  const folder = join(scratch, "backup");
  const manifest = await buildBackup(folder, entries);
  const result = await extractBackup({ folder, manifest, target, select, ...more });
  return { target: typeof more.target === "string" ? more.target : target, count: result.entries };
}

/** The paths below a folder, which have no blanks. */
function names(folder: string): string[] {
  const below = treeSnapshot(folder).filter((line) => line.startsWith(`${folder}/`));
  return below.map((line) => line.slice(folder.length + 1).replace(/ .*$/u, ""));
}

describe("a restore of some paths", () => {
  it("gives a hard link its content when its first name is not wanted", async () => {
    const { target, count } = await restored(["v/b"]);
    expect(count).toBe(1);
    expect(names(target)).toEqual(["v", "v/b"]);
    expect(readFileSync(join(target, "v/b"), "utf8")).toBe("first");
  });

  it("keeps two of three names one file", async () => {
    const { target } = await restored(["v/c", "v/b"]);
    expect(names(target)).toEqual(["v", "v/b", "v/c"]);
    expect(statSync(join(target, "v/b")).ino).toBe(statSync(join(target, "v/c")).ino);
    expect(readFileSync(join(target, "v/c"), "utf8")).toBe("first");
  });

  it("keeps names one file where the first is among them", async () => {
    const { target } = await restored(["v/a/x", "v/c"]);
    expect(statSync(join(target, "v/a/x")).ino).toBe(statSync(join(target, "v/c")).ino);
  });

  it("takes a folder with what is in it, and none of a like name", async () => {
    const { target } = await restored(["v/a"]);
    expect(names(target)).toEqual(["v", "v/a", "v/a/x"]);
    expect(statSync(join(target, "v/a")).mode & 0o7777).toBe(0o710);
    expect(names((await restored(["v/ab"])).target)).toEqual(["v", "v/ab"]);
    const empty = (await restored(["v/empty"])).target;
    expect(statSync(join(empty, "v/empty")).mode & 0o7777).toBe(0o1777);
  });

  it("tells apart names that look the same since they are not UTF-8", async () => {
    const { target, count } = await restored([odd]);
    expect(count).toBe(1);
    expect(readFileSync(fsPath(`${target}/${odd}`), "utf8")).toBe("odd");
  });

  it.each(["v/nothing", "v/a/", "v/A", "v/\xff", "../v", "/v"])("says that there is nothing at %j", async (path) => {
    await expect(restored([path])).rejects.toMatchObject({
      kind: "missing",
      hint: expect.stringContaining("davit files"),
    });
    await expect(restored(["v/a", path])).rejects.toMatchObject({ kind: "missing" });
  });

  it("is damaged where a hard link names another link", async () => {
    const scratch = await scratchFolder();
    const folder = join(scratch, "backup");
    const chain: BuiltEntry[] = [
      { path: "a", content: "A" },
      { path: "b", type: "hardlink", link: "a" },
      { path: "c", type: "hardlink", link: "b" },
    ];
    const manifest = await buildBackup(folder, chain);
    const target = join(scratch, "target");
    await expect(extractBackup({ folder, manifest, target, select: ["c"] })).rejects.toMatchObject({
      kind: "damaged",
      message: expect.stringContaining("c is a hard link"),
    });
    expect(names(target)).toEqual([]);
  });
});

describe("a restore over what is there", () => {
  async function occupied(): Promise<string> {
    const target = join(await scratchFolder(), "target");
    mkdirSync(join(target, "v"), { recursive: true });
    writeFileSync(join(target, "v/ab"), "mine");
    writeFileSync(join(target, "v/other"), "mine");
    symlinkSync("other", join(target, "v/b"));
    return target;
  }

  it("refuses, and leaves it", async () => {
    const target = await occupied();
    for (const path of ["v/ab", "v/b"])
      await expect(restored([path], { target })).rejects.toMatchObject({
        kind: "usage",
        message: expect.stringContaining(path),
      });
    expect(readFileSync(join(target, "v/ab"), "utf8")).toBe("mine");
    expect(names(target)).toEqual(["v", "v/ab", "v/b", "v/other"]);
  });

  it("replaces what it is told to, and nothing else", async () => {
    const target = await occupied();
    for (let time = 0; time < 2; time += 1) {
      await restored(["v/ab", "v/b", "v/c", "v/a"], { target, existing: "replace" });
      expect(names(target)).toEqual(["v", "v/a", "v/a/x", "v/ab", "v/b", "v/c", "v/other"]);
      expect(readFileSync(join(target, "v/ab"), "utf8")).toBe("ab");
      expect(readFileSync(join(target, "v/b"), "utf8")).toBe("first");
      expect(readFileSync(join(target, "v/other"), "utf8")).toBe("mine");
    }
  });

  it("keeps the old file when the new one is damaged", async () => {
    const target = await occupied();
    const folder = join(await scratchFolder(), "backup");
    const manifest = await buildBackup(folder, [{ path: "v/ab", content: "bad", line: { sha256: "0".repeat(64) } }]);
    const restore = extractBackup({ folder, manifest, target, existing: "replace" });
    await expect(restore).rejects.toMatchObject({ kind: "damaged", message: expect.stringContaining("v/ab") });
    expect(readFileSync(join(target, "v/ab"), "utf8")).toBe("mine");
    expect(names(target)).toEqual(["v", "v/ab", "v/b", "v/other"]);
  });

  it("does not put a file in the place of a folder, nor a folder in that of a file", async () => {
    const target = await occupied();
    mkdirSync(join(target, "v/c"));
    writeFileSync(join(target, "v/empty"), "mine");
    for (const path of ["v/c", "v/empty"])
      await expect(restored([path], { target, existing: "replace" })).rejects.toMatchObject({
        kind: "usage",
        message: expect.stringContaining(path),
      });
    expect(names(target)).toEqual(["v", "v/ab", "v/b", "v/c", "v/empty", "v/other"]);
  });
});
