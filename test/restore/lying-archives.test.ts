import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { IndexEntry, Manifest } from "../../src/contract/manifest.ts";
import type { Failure } from "../../src/failure/failure.ts";
import { readManifest } from "../../src/format/read-manifest.ts";
import { extractBackup } from "../../src/restore/extract-backup.ts";
import { verifyBackup } from "../../src/verify/verify-backup.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { type BuiltEntry, buildBackup, seal, tarEntry } from "../fixtures/tar-builder.ts";

/** What a restore of a backup, and a verify of it, say is wrong. */
async function said(entries: BuiltEntry[]): Promise<{ restore: unknown; verify: unknown }> {
  const scratch = await scratchFolder();
  const folder = join(scratch, "backup");
  const manifest = await buildBackup(folder, entries);
  return told(scratch, folder, manifest);
}

async function told(
  scratch: string,
  folder: string,
  manifest: Manifest,
): Promise<{ restore: unknown; verify: unknown }> {
  const failure = (thrown: unknown): unknown => thrown;
  const restore = await extractBackup({ folder, manifest, target: join(scratch, "target") }).catch(failure);
  const verify = await verifyBackup({ folder }).catch(failure);
  expect(readdirSync(scratch).toSorted()).toEqual(["backup", "target"]);
  return { restore, verify };
}

function damaged(named: string): object {
  const failure: Partial<Failure> = { kind: "damaged", message: expect.stringContaining(named) };
  return { restore: failure, verify: failure };
}

const giB = 1024 ** 3;

function sparse(size: number, map: string, data = ""): BuiltEntry {
  const content = Buffer.concat([Buffer.alloc(512), Buffer.from(data)]);
  content.write(map);
  const major: [string, string][] = [
    ["GNU.sparse.major", "1"],
    ["GNU.sparse.minor", "0"],
  ];
  const pax: [string, string][] = [...major, ["GNU.sparse.name", "s"], ["GNU.sparse.realsize", String(size)]];
  return { path: "s", name: "sparse", content, pax, line: { size } };
}

describe("headers that lie", () => {
  it.each<[string, BuiltEntry]>([
    ["a size of 8 GiB", { path: "a", sizeField: (8 * giB - 1).toString(8) }],
    ["that size in the index too", { path: "a", sizeField: (8 * giB - 1).toString(8), line: { size: 8 * giB - 1 } }],
    [
      "the largest size in pax",
      { path: "a", pax: [["size", "9007199254740991"]], line: { size: 9_007_199_254_740_991 } },
    ],
    ["a larger one", { path: "a", pax: [["size", "9999999999999999"]] }],
    ["a negative size in pax", { path: "a", pax: [["size", "-1"]] }],
    ["a size that is no number", { path: "a", pax: [["size", "1e3"]] }],
    ["data of a folder", { path: "a", type: "directory", content: "x" }],
    ["data of a link", { path: "a", type: "symlink", link: "b", content: "x" }],
    ["an owner that can't be", { path: "a", pax: [["uid", "4294967295"]] }],
    ["a group that can't be", { path: "a", pax: [["gid", "9007199254740991"]] }],
    ["a time that can't be", { path: "a", pax: [["mtime", "1e9"]] }],
    ["an attribute without a name", { path: "a", pax: [["SCHILY.xattr.", "x"]] }],
    ["an attribute with a NUL", { path: "a", pax: [["SCHILY.xattr.user.a\0b", "x"]] }],
    ["a target that is too long", { path: "a", type: "symlink", link: "x", pax: [["linkpath", "l".repeat(5000)]] }],
  ])("are damage: %s", async (_what, entry) => {
    expect(await said([entry])).toMatchObject(damaged("a"));
  });

  it.each([
    ["negative in octal", "-0000000001"],
    ["no digits", "12345678xyz"],
  ])("are damage: a size field that is %s", async (_what, sizeField) => {
    expect(await said([{ path: "a", sizeField }])).toMatchObject(damaged("number that can't be read"));
  });

  it.each([
    ["0 path=b\n", "do not add up"],
    ["9 path=b\n9", "do not add up"],
    ["8 path=b\n", "do not add up"],
    ["11 path=b\n", "do not add up"],
    ["99999999999 path=b\n", "do not add up"],
    ["-9 path=b\n", "do not add up"],
    ["3 \n", "do not add up"],
    ["7 path\n", "no name"],
    ["path=b\n", "do not add up"],
    ["\0".repeat(20), "do not add up"],
  ])("are damage: a pax header with the body %j", async (content, named) => {
    const entries: BuiltEntry[] = [
      { path: "x", typeflag: "x", content, line: null },
      { path: "b", line: { member: 0 } },
    ];
    expect(await said(entries)).toMatchObject(damaged(named));
  });

  it("are damage: an extended header of 100 MB, two of them, or one with nothing after it", async () => {
    const huge: BuiltEntry = { path: "x", typeflag: "x", sizeField: (100_000_000).toString(8) };
    expect(await said([huge])).toMatchObject(damaged("extended header of 100000000 bytes"));
    const one: BuiltEntry = { path: "x", typeflag: "x", content: "11 path=bb\n", line: null };
    expect(await said([one, one, { path: "bb", line: { member: 0 } }])).toMatchObject(damaged("two extended headers"));
    expect(await said([one])).toMatchObject(damaged("ends after an extended header"));
  });

  it("that this system can't hold are noted, and the rest is restored", async () => {
    const scratch = await scratchFolder();
    const folder = join(scratch, "backup");
    const pax: [string, string][] = [
      ["SCHILY.xattr.security.capability", "no capability"],
      ["SCHILY.xattr.system.posix_acl_access", "no list"],
      [`SCHILY.xattr.user.${"n".repeat(300)}`, "too long a name"],
      ["SCHILY.xattr.user.big", "x".repeat(70_000)],
    ];
    const manifest = await buildBackup(folder, [{ path: "a", content: "x", pax }]);
    const { notes, entries } = await extractBackup({ folder, manifest, target: join(scratch, "target") });
    expect(entries).toBe(1);
    expect(notes).toHaveLength(pax.length);
  });
});

describe("a sparse map that lies", () => {
  it.each([
    ["beyond the size", sparse(100, "1\n90\n11\n", "x".repeat(11))],
    ["far beyond the size", sparse(100, "1\n9007199254740991\n9007199254740991\n")],
    ["overlapping", sparse(100, "2\n0\n10\n9\n10\n", "x".repeat(20))],
    ["backwards", sparse(100, "2\n50\n10\n0\n10\n", "x".repeat(20))],
    ["with less data than it says", sparse(100, "1\n0\n20\n", "x".repeat(10))],
    ["with more data than it says", sparse(100, "1\n0\n10\n", "x".repeat(20))],
    ["with more regions than there are", sparse(100, "5\n0\n0\n")],
    ["with a billion regions", sparse(100, "1000000000\n0\n0\n")],
    ["with a negative number", sparse(100, "1\n-5\n10\n", "x".repeat(10))],
    ["without a number", sparse(100, "many\n")],
    ["without an end", sparse(100, "1".repeat(512), "1".repeat(5000))],
  ])("is damage: %s", async (_what, entry) => {
    expect(await said([entry])).toMatchObject(damaged("map is wrong: s"));
  });

  it("and is no file is damage", async () => {
    expect(await said([{ ...sparse(0, "0\n"), typeflag: "5" }])).toMatchObject(damaged("s"));
  });

  it("and promises more than any disk holds can be cancelled", async () => {
    const scratch = await scratchFolder();
    const folder = join(scratch, "backup");
    const manifest = await buildBackup(folder, [sparse(2 ** 53 - 1, "0\n")]);
    for (const work of ["restore", "verify"]) {
      const cancel = new AbortController();
      const order = { folder, signal: cancel.signal, onProgress: () => cancel.abort() };
      const target = join(scratch, work);
      const end = work === "verify" ? verifyBackup(order) : extractBackup({ ...order, manifest, target });
      await expect(end).rejects.toMatchObject({ kind: "cancelled" });
    }
  });
});

describe("an index that lies", () => {
  it.each<[string, Partial<IndexEntry>, string]>([
    ["another path", { path: "c" }, "c (file) in the index is b"],
    ["another type", { type: "directory" }, "b (directory)"],
    ["a link", { type: "symlink", link: "x" }, "b (symlink)"],
    ["another size", { size: 7 }, "size of b"],
    ["a negative size", { size: -1 }, "no entry"],
    ["another content", { sha256: "0".repeat(64) }, "content of b"],
    ["no content", { sha256: undefined }, "content of b"],
    ["another owner", { uid: 5 }, "owner of b"],
    ["another mode", { mode: 0o777 }, "mode of b"],
    ["another time", { mtime: "1700000000.000000001" }, "time of b"],
    ["a negative member", { member: -1 }, "no entry"],
    ["a negative offset", { offset: -512 }, "no entry"],
    ["half an offset", { offset: 0.5 }, "no entry"],
    ["another name in base64", { path64: Buffer.from("c").toString("base64") }, "disagree: b"],
    ["a way out in base64", { path64: Buffer.from("../c").toString("base64") }, "disagree: b"],
  ])("is damage: %s", async (_what, line, named) => {
    const entries: BuiltEntry[] = [
      { path: "a", content: "A" },
      { path: "b", content: "B", line },
    ];
    expect(await said(entries)).toMatchObject(damaged(named));
  });

  it.each<[string, Partial<IndexEntry>]>([
    ["a member in the middle of one", { member: 7 }],
    ["a member beyond the end", { member: 1_000_000 }],
    ["a member beyond any disk", { member: Number.MAX_SAFE_INTEGER }],
    ["an offset in the middle", { offset: 100 }],
    ["an offset beyond the end", { offset: Number.MAX_SAFE_INTEGER }],
    ["the member of another", { member: 0 }],
  ])("is damage for who restores one file: %s", async (_what, line) => {
    const scratch = await scratchFolder();
    const folder = join(scratch, "backup");
    const manifest = await buildBackup(folder, [
      { path: "a", content: "A" },
      { path: "b", content: "B", line },
    ]);
    const restore = extractBackup({ folder, manifest, target: join(scratch, "target"), select: ["b"] });
    await expect(restore).rejects.toMatchObject({ kind: "damaged" });
  });

  it("is damage: a line too few, or one too many", async () => {
    expect(await said([{ path: "a" }, { path: "b", line: null }])).toMatchObject(damaged("does not list: b"));
    const scratch = await scratchFolder();
    const folder = join(scratch, "backup");
    const lines = (name: string): string =>
      `${JSON.stringify({ path: name, type: "file", size: 0, mode: 420, uid: 0, gid: 0, mtime: "1700000000.000000000", sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", member: 0, offset: 0 })}\n`;
    await buildBackup(folder, []);
    const archive = Buffer.concat([tarEntry({ path: "a" }), Buffer.alloc(1024)]);
    const manifest = await seal(folder, archive, [lines("a"), lines("b")], { type: "none" });
    expect(await told(scratch, folder, manifest)).toMatchObject(damaged("ends before b"));
  });

  it.each(["not json\n", "{}\n", "[]\n", "null\n", "x".repeat(300_000), '{"path":"a"'])(
    "is damage: %#",
    async (line) => {
      const scratch = await scratchFolder();
      const folder = join(scratch, "backup");
      await buildBackup(folder, []);
      const manifest = await seal(folder, Buffer.alloc(1024), [line], { type: "none" });
      expect(await told(scratch, folder, manifest)).toMatchObject(damaged("index.ndjson.gz"));
    },
  );
});

describe("a manifest that lies", () => {
  it.each(["../x", "/etc/passwd", "..", ".", "", "a/b", "a\0b"])("about its files is refused: %j", async (file) => {
    const folder = join(await scratchFolder(), "backup");
    const manifest = await buildBackup(folder, []);
    const { archive, index } = manifest;
    for (const part of [{ archive: { ...archive, file } }, { index: { ...index, file } }]) {
      await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, ...part }));
      await expect(readManifest(folder)).rejects.toMatchObject({
        kind: "unsafe",
        message: expect.stringContaining(JSON.stringify(file)),
      });
    }
  });
});
