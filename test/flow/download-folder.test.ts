import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { Davit } from "../../src/flow/davit.ts";
import { downloadFolder } from "../../src/flow/download-folder.ts";
import { fromText } from "../../src/format/byte-path.ts";
import { readManifest } from "../../src/format/read-manifest.ts";
import { expectSameTree } from "../fixtures/expect-same-tree.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { sealedBackup } from "../fixtures/sealed-backup.ts";
import { buildBackup } from "../fixtures/tar-builder.ts";
import { openTestVault } from "./browsed-vault.ts";

const id = "nas/20261122T020000Z";
const forever = new AbortController().signal;

async function downloaded(davit: Davit, path: string): Promise<{ name: string; bytes: Buffer }> {
  const { name, tar } = await downloadFolder(davit, id, fromText(path), forever);
  return { name, bytes: await buffer(tar) };
}

/** Extracts a download with GNU tar and gives the folder. */
async function extracted(root: string, bytes: Buffer): Promise<string> {
  const [archive, target] = [join(root, "download.tar"), join(root, "extracted")];
  await writeFile(archive, bytes);
  mkdirSync(target);
  const words = ["--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner"];
  await runTool("tar", "-xpf", archive, "-C", target, ...words);
  return target;
}

describe("a folder that is downloaded", () => {
  it("is what it was, as GNU tar extracts it, under its own name", async () => {
    const { davit, root, vault } = await openTestVault();
    const source = join(root, "source");
    const photos = join(source, "photos");
    mkdirSync(join(photos, "deep", "empty"), { recursive: true });
    const script = `
      printf 'x' > "$(printf 'new\\nline')"; printf 'y' > "$(printf 'not-utf8-\\377\\376')"; printf z > 'back\\slash'
      printf w > ä; mkdir "$(printf 'fol\\377der')"; echo inside > "$(printf 'fol\\377der/x')"; echo rooted > ..a; : > empty
      head -c 3000000 /dev/urandom > big; echo one > first; ln first deep/second; ln -s ../../etc/passwd link; mkfifo pipe
      truncate -s 5M hole; printf end >> hole
      chown 3000000:4000000000 first; chmod 4751 big; touch -h -d '1965-01-01 00:00:00.5 UTC' link; touch -d '1969-12-31 23:59:59.25 UTC' empty
      setfattr -n user.note -v 0x00ff0a3d41 first; setfacl -m u:1234:rw ä; setfacl -d -m u:99:rx deep
      touch -d '2033-05-18 03:33:20.987654321 UTC' deep/empty deep .`;
    await runTool("sh", "-c", `cd "$0" && ${script}`, photos);
    writeFileSync(join(source, "photos.txt"), "not in there");
    await sealedBackup({ vault, module: "nas", time: "20261122T020000Z", source });
    const { name, bytes } = await downloaded(davit, photos.slice(1));
    expect(name).toBe("photos");
    const target = await extracted(root, bytes);
    expect(await runTool("ls", "-A", target)).toBe("photos\n");
    await expectSameTree(join(target, "photos"), photos);
  });

  it("brings along what its hard links name outside of it, once", async () => {
    const { davit, root, vault } = await openTestVault();
    const source = join(root, "source");
    mkdirSync(join(source, "b"), { recursive: true });
    writeFileSync(join(source, "a"), "named outside");
    for (const name of ["one", "two"]) linkSync(join(source, "a"), join(source, "b", name));
    await sealedBackup({ vault, module: "nas", time: "20261122T020000Z", source });
    const target = await extracted(root, (await downloaded(davit, join(source, "b").slice(1))).bytes);
    await expectSameTree(join(target, "b"), join(source, "b"));
    expect(await runTool("stat", "-c", "%h", join(target, "b", "one"))).toBe("2\n");
  });

  it("may be all of the backup, or a folder that has no entry of its own", async () => {
    const { davit, root, vault } = await openTestVault();
    const source = join(root, "source");
    mkdirSync(source);
    symlinkSync("nowhere", join(source, "link"));
    await sealedBackup({ vault, module: "nas", time: "20261122T020000Z", source });
    const whole = await downloaded(davit, "");
    expect(whole.name).toBe("nas-20261122T020000Z");
    expect(await runTool("readlink", join(await extracted(root, whole.bytes), source, "link"))).toBe("nowhere\n");
    expect((await downloaded(davit, dirname(source).slice(1))).name).toBe(dirname(source).split("/").at(-1));
  });

  it("breaks off where a content is not what was backed up", async () => {
    const { davit, vault } = await openTestVault();
    const entries = [
      { path: "srv", type: "directory" as const },
      { path: "srv/good", content: "good" },
      { path: "srv/other", content: "other", line: { sha256: "0".repeat(64) } },
    ];
    const folder = join(vault, "m", "20261122T020000Z");
    await buildBackup(folder, entries);
    const { tar } = await downloadFolder(davit, "m/20261122T020000Z", "srv", forever);
    await expect(buffer(tar)).rejects.toMatchObject({ kind: "damaged", message: expect.stringContaining("srv/other") });
    const cut = await open(join(folder, (await readManifest(folder)).archive.file), "r+");
    await cut.write(Buffer.alloc(40, 7), 0, 40, 0);
    await cut.close();
    const again = await downloadFolder(davit, "m/20261122T020000Z", "srv", forever);
    await expect(buffer(again.tar)).rejects.toMatchObject({ kind: "damaged" });
  });

  it("is refused where an entry would lead out of it", async () => {
    const { davit, vault } = await openTestVault();
    const entries = [
      { path: "srv", type: "directory" as const },
      { path: "srv/a", name: "srv/../../etc/cron.d/a" },
    ];
    await buildBackup(join(vault, "m", "20261122T020000Z"), entries);
    const { tar } = await downloadFolder(davit, "m/20261122T020000Z", "srv", forever);
    await expect(buffer(tar)).rejects.toMatchObject({ kind: "unsafe" });
  });

  it("is refused for a file, and for what is not there", async () => {
    const { davit, vault } = await openTestVault();
    await buildBackup(join(vault, "m", "20261122T020000Z"), [{ path: "srv/file", content: "x" }]);
    const open = (path: string) => downloadFolder(davit, "m/20261122T020000Z", path, forever);
    await expect(open("srv/file")).rejects.toMatchObject({ kind: "usage" });
    await expect(open("srv/fil")).rejects.toMatchObject({ kind: "missing", hint: "did you mean /srv/file?" });
    await expect(downloadFolder(davit, "m/20200101T000000Z", "srv", forever)).rejects.toMatchObject({
      kind: "missing",
    });
  });
});
