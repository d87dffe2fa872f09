import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { browseFolder } from "../../src/flow/browse.ts";
import { previewFile } from "../../src/flow/preview-file.ts";
import { buildBackup, type BuiltEntry } from "../fixtures/tar-builder.ts";
import { openTestVault } from "./browsed-vault.ts";

const id = "m/20261122T020000Z";
const forever = new AbortController().signal;
const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(700_000, 7)]);

async function withFiles(files: Record<string, string | Buffer>, more: BuiltEntry[] = []) {
  const { davit, vault } = await openTestVault();
  const built = Object.entries(files).map(([path, content]) => ({ path, content }));
  await buildBackup(join(vault, "m", "20261122T020000Z"), [...built, ...more]);
  return { davit, preview: (path: string) => previewFile(davit, id, path, forever) };
}

describe("a preview", () => {
  it("is a text as it is, whole where it is not too long", async () => {
    const { preview } = await withFiles({
      "a.txt": "grün\n",
      empty: "",
      "page.svg": "<svg onload='alert(1)'/>",
      exact: "x".repeat(262_144),
    });
    expect(await preview("a.txt")).toEqual({ kind: "text", text: "grün\n", cut: false, size: 6 });
    expect(await preview("empty")).toEqual({ kind: "text", text: "", cut: false, size: 0 });
    expect(await preview("page.svg")).toMatchObject({ kind: "text", text: "<svg onload='alert(1)'/>" });
    expect(await preview("exact")).toMatchObject({ kind: "text", cut: false, text: "x".repeat(262_144) });
  });

  it("is cut at 256 KiB, between two characters", async () => {
    const { preview } = await withFiles({ long: `x${"ü".repeat(300_000)}` });
    const shown = await preview("long");
    expect(shown).toMatchObject({ kind: "text", cut: true, size: 600_001 });
    expect(shown.kind === "text" && shown.text).toBe(`x${"ü".repeat(131_071)}`);
  });

  it("is none of what is no UTF-8 and of what has a NUL", async () => {
    const { preview } = await withFiles({
      latin: Buffer.from("gr\xfcn", "latin1"),
      nul: "a\0b",
      half: Buffer.from([0x61, 0xc3]),
    });
    for (const path of ["latin", "nul", "half"])
      expect(await preview(path)).toMatchObject({ kind: "none", reason: "binary" });
  });

  it("is an image by its first bytes, whatever it is called", async () => {
    const images = {
      "a.txt": png,
      "b.exe": Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1]),
      c: "GIF89a....",
      d: Buffer.from("RIFF\x10\0\0\0WEBPVP8 ", "latin1"),
      "e.png": "no image",
      f: Buffer.from("RIFF\x10\0\0\0WAVEfmt ", "latin1"),
    };
    const { preview } = await withFiles(images);
    const shown = await preview("a.txt");
    expect(shown).toEqual({ kind: "image", mediaType: "image/png", base64: png.toString("base64"), size: png.length });
    const kinds = await Promise.all(["b.exe", "c", "d", "e.png", "f"].map(preview));
    expect(kinds.map((one) => (one.kind === "image" ? one.mediaType : one.kind))).toEqual([
      "image/jpeg",
      "image/gif",
      "image/webp",
      "text",
      "none",
    ]);
  });

  it("is none of an image above 5 MiB", async () => {
    const big = Buffer.concat([png, Buffer.alloc(5 * 1024 * 1024)]);
    const { preview } = await withFiles({ big });
    expect(await preview("big")).toEqual({ kind: "none", reason: "too-big", size: big.length });
  });

  it("is that of the file that a hard link names, also while the backup is being browsed", async () => {
    const { davit, preview } = await withFiles({ a: "content" }, [{ path: "b", type: "hardlink", link: "a" }]);
    expect(await preview("b")).toMatchObject({ text: "content" });
    await browseFolder(davit, id, "", { skip: 0, limit: 10 }, forever);
    expect(await preview("b")).toMatchObject({ text: "content" });
    expect(await preview("a")).toMatchObject({ text: "content" });
  });

  it("fails for what was damaged, has no content, or is not there", async () => {
    const { preview } = await withFiles({}, [
      { path: "bad", content: "real", line: { sha256: createHash("sha256").update("other").digest("hex") } },
      { path: "dir", type: "directory" },
    ]);
    await expect(preview("bad")).rejects.toMatchObject({ kind: "damaged" });
    await expect(preview("dir")).rejects.toMatchObject({ kind: "usage" });
    await expect(preview("nothing")).rejects.toMatchObject({ kind: "missing" });
  });
});
