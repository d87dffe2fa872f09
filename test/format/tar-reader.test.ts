import { describe, expect, it } from "vitest";
import { TarReader } from "../../src/format/tar-reader.ts";
import { type BuiltEntry, tarEntry } from "../fixtures/tar-builder.ts";

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function reader(entries: BuiltEntry[], size = 4096): TarReader {
  return new TarReader(pieces(Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]), size));
}

describe("a tar stream", () => {
  it.each([1, 7, 511, 512, 513, 100_000])("reads the same in pieces of %i bytes", async (size) => {
    const tar = reader(
      [
        { path: "a", content: "A".repeat(700), pax: [["path", "long/a"]] },
        { path: "b", content: "B" },
      ],
      size,
    );
    expect(await tar.next()).toMatchObject({ path: "long/a", size: 700 });
    const parts: Buffer[] = [];
    for (let part = await tar.read(); part !== null; part = await tar.read()) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe("A".repeat(700));
    expect(await tar.next()).toMatchObject({ path: "b", size: 1 });
    expect(await tar.next()).toBe(null);
  });

  it("is refused at once for a name of 30 MB", { timeout: 5000 }, async () => {
    for (const path of [`${"/".repeat(30_000_000)}a`, "a/".repeat(15_000_000), "../".repeat(10_000_000)])
      await expect(reader([{ path: "x", pax: [["path", path]] }], 1_000_000).next()).rejects.toMatchObject({
        kind: "damaged",
        message: expect.stringMatching(/^.{0,400}$/u),
      });
  });

  it("lets go of an archive's bytes once an attribute is read", async () => {
    const folder: BuiltEntry = { path: "d", type: "directory", pax: [["SCHILY.xattr.user.a", "value"]] };
    const entry = await reader([folder, { path: "big", content: Buffer.alloc(1_000_000) }], 4_000_000).next();
    const value = entry?.xattrs.get("user.a");
    expect(value?.toString()).toBe("value");
    // Small copies share a pool of a few KiB; a view would hold the whole piece.
    expect(value?.buffer.byteLength).toBeLessThanOrEqual(65_536);
  });

  it("is refused where it goes on after its end mark, or has none", async () => {
    const first = tarEntry({ path: "a" });
    const read = async (bytes: Buffer): Promise<void> => {
      const tar = new TarReader(pieces(bytes, 512));
      while ((await tar.next()) !== null);
    };
    await expect(read(Buffer.concat([first, Buffer.alloc(512), first]))).rejects.toMatchObject({ kind: "damaged" });
    await expect(read(first)).rejects.toMatchObject({ kind: "damaged", message: expect.stringContaining("after a") });
    await expect(read(first.subarray(0, 300))).rejects.toMatchObject({ kind: "damaged" });
    await expect(read(Buffer.alloc(0))).rejects.toMatchObject({ kind: "damaged" });
  });
});
