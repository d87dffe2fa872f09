import { link, mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { ArchiveSource } from "../../src/format/archive-cursor.ts";
import { fromText } from "../../src/format/byte-path.ts";
import { findEntry } from "../../src/format/find-entry.ts";
import { listEntries } from "../../src/format/list-entries.ts";
import { readEntry } from "../../src/format/read-entry.ts";
import { readManifest } from "../../src/format/read-manifest.ts";
import type { Compression } from "../../src/contract/settings.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { sealedBackup } from "../fixtures/sealed-backup.ts";
import { buildBackup, type BuiltEntry } from "../fixtures/tar-builder.ts";

const compressions: Compression[] = [{ type: "gzip", level: 6 }, { type: "zstd", level: 3 }, { type: "none" }];

async function built(entries: BuiltEntry[]): Promise<ArchiveSource> {
  const folder = join(await scratchFolder(), "backup");
  return { folder, manifest: await buildBackup(folder, entries) };
}

describe("one file of a backup", () => {
  it.each(compressions)("is read without the members before it ($type)", async (compression) => {
    const root = await scratchFolder();
    const source = join(root, "source");
    await mkdir(source);
    const names = Array.from({ length: 40 }, (_, at) => `file-${String(at).padStart(2, "0")}`);
    for (const name of names) await writeFile(join(source, name), Buffer.alloc(300_000, name));
    await link(join(source, "file-31"), join(source, "zz-link"));
    const folder = await sealedBackup({
      vault: join(root, "vault"),
      module: "nas",
      time: "20261122T020000Z",
      source,
      order: { compression },
    });
    const manifest = await readManifest(folder);
    // Nothing before the wanted member is looked at: it may be rubbish.
    const { entry } = await findEntry({ folder, manifest }, `${source.slice(1)}/file-31`);
    expect(entry.member).toBeGreaterThan(0);
    const handle = await open(join(folder, manifest.archive.file), "r+");
    await handle.write(Buffer.alloc(entry.member, 0xff), 0, entry.member, 0);
    await handle.close();
    for (const name of ["file-31", "zz-link"]) {
      const read = await readEntry({ folder, manifest }, `${source.slice(1)}/${name}`);
      expect(read.entry).toMatchObject({ path: `${source.slice(1)}/${name}`, type: "file", size: 300_000 });
      expect((await buffer(read.content)).equals(Buffer.alloc(300_000, "file-31"))).toBe(true);
    }
  });

  it("ends with a failure where it is not what was backed up", async () => {
    const source = await built([{ path: "a", content: "real", line: { sha256: "0".repeat(64) } }]);
    const { content } = await readEntry(source, "a");
    await expect(buffer(content)).rejects.toMatchObject({ kind: "damaged", message: expect.stringContaining("/a") });
  });

  it("is damaged where a hard link names no file", async () => {
    const source = await built([
      { path: "dir", type: "directory" },
      { path: "one", type: "hardlink", link: "nowhere" },
      { path: "two", type: "hardlink", link: "dir" },
      { path: "three", type: "hardlink", link: "three" },
    ]);
    for (const path of ["one", "two", "three"])
      await expect(readEntry(source, path)).rejects.toMatchObject({ kind: "damaged" });
  });

  it("is damaged where the index points at another entry", async () => {
    const source = await built([
      { path: "a", content: "A" },
      { path: "b", content: "B", line: { member: 0 } },
    ]);
    const { content } = await readEntry(source, "b");
    await expect(buffer(content)).rejects.toMatchObject({ kind: "damaged" });
  });
});

describe("finding and listing", () => {
  const paths = ["v", "v/a", "v/a b", "v/a/x", "v/ab", 'v/a"b', "v/ä", "v/ä/ö", 'v/"path":"v/a'];

  it("tells names apart that begin alike, or that hold what an index line does", async () => {
    const source = await built(paths.map((path) => ({ path, content: "", line: { path } })));
    const list = async (prefix: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const entry of listEntries(source, fromText(prefix))) found.push(entry.path);
      return found;
    };
    expect(await list("")).toEqual(paths);
    expect(await list("v/a")).toEqual(["v/a", "v/a/x"]);
    expect(await list("v/ä")).toEqual(["v/ä", "v/ä/ö"]);
    expect(await list("v/b")).toEqual([]);
    for (const [ordinal, path] of paths.entries())
      expect(await findEntry(source, fromText(path))).toMatchObject({ ordinal, entry: { path } });
  });
});
