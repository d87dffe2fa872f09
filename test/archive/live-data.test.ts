import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readManifest } from "../../src/format/read-manifest.ts";
import { verifyBackup } from "../../src/verify/verify-backup.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { sealedBackup } from "../fixtures/sealed-backup.ts";

const mebibyte = 1024 * 1024;
/** Far more than the reading thread is ever ahead of the archive, so that what happens at the beginning comes before its end. */
const bigSize = 64 * mebibyte;

/** Backs up a folder of `big`, `same`, `z-small` and `z-folder`; `meddle` comes when the first bytes of `big` are archived. */
async function backedUpWhile(meddle: (source: string) => void) {
  const scratch = await scratchFolder();
  const source = join(scratch, "source");
  await mkdir(join(source, "z-folder"), { recursive: true });
  await writeFile(join(source, "big"), Buffer.alloc(bigSize, "0123456789abcde\n"));
  for (const name of ["same", "z-small", "z-folder/inner"]) await writeFile(join(source, name), `${name}\n`);
  let meddled = false;
  const folder = await sealedBackup({
    vault: join(scratch, "vault"),
    module: "test",
    time: "20261122T020000Z",
    source,
    order: {
      compression: { type: "none" },
      onProgress({ bytes }) {
        if (meddled || bytes === 0) return;
        meddled = true;
        expect(bytes).toBeLessThan(bigSize / 2);
        meddle(source);
      },
    },
  });
  expect(meddled).toBe(true);
  await expect(verifyBackup({ folder })).resolves.toMatchObject({ ok: true });
  const target = join(scratch, "target");
  await mkdir(target);
  await runTool("tar", "-xpf", join(folder, "test.tar"), "-C", target);
  const { changed, changedTotal, counts } = await readManifest(folder);
  expect(changedTotal).toBe(changed.length);
  const named = changed.map(({ path, what }) => `${path.slice(source.length)} ${what}`);
  const restored = join(target, source);
  expect(await readFile(join(restored, "same"), "utf8")).toBe("same\n");
  return { named, restored, counts };
}

async function bytesAt(file: string, position: number, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    return (await handle.read(Buffer.alloc(length), 0, length, position)).buffer;
  } finally {
    await handle.close();
  }
}

it("a file that grows while it is read is told, and kept as long as it was at first", async () => {
  const { named, restored } = await backedUpWhile((source) => appendFileSync(join(source, "big"), "more"));
  expect(named).toEqual(["big grew"]);
  expect((await stat(join(restored, "big"))).size).toBe(bigSize);
  expect((await bytesAt(join(restored, "big"), bigSize - 16, 16)).toString()).toBe("0123456789abcde\n");
});

it("a file that shrinks while it is read is told, and its lost end is zeros", async () => {
  const { named, restored } = await backedUpWhile((source) => truncateSync(join(source, "big"), bigSize / 2));
  expect(named).toEqual(["big shrank"]);
  expect((await stat(join(restored, "big"))).size).toBe(bigSize);
  expect((await bytesAt(join(restored, "big"), bigSize / 2 - 16, 16)).toString()).toBe("0123456789abcde\n");
  expect(await bytesAt(join(restored, "big"), bigSize - 16, 16)).toEqual(Buffer.alloc(16));
});

it("a file that is written over while it is read is told", async () => {
  const { named } = await backedUpWhile((source) => writeFileSync(join(source, "big"), "x", { flag: "r+" }));
  expect(named).toEqual(["big changed"]);
});

it("a file that is emptied and written anew while it is read is told", async () => {
  const { named, restored } = await backedUpWhile((source) => {
    truncateSync(join(source, "big"), 0);
    writeFileSync(join(source, "big"), "short\n");
  });
  expect(named).toEqual(["big shrank"]);
  expect((await stat(join(restored, "big"))).size).toBe(bigSize);
});

it("a file that is removed while it is read is kept whole", async () => {
  const { named, restored } = await backedUpWhile((source) => rmSync(join(source, "big")));
  expect(named).toEqual([]);
  expect((await stat(join(restored, "big"))).size).toBe(bigSize);
});

it("a file that is replaced while it is read is kept whole as it was", async () => {
  const { named, restored } = await backedUpWhile((source) => {
    writeFileSync(join(source, "new"), "new\n");
    renameSync(join(source, "new"), join(source, "big"));
  });
  expect(named).toEqual([]);
  expect((await bytesAt(join(restored, "big"), bigSize - 16, 16)).toString()).toBe("0123456789abcde\n");
});

it("what vanishes between the listing of its folder and its turn is told", async () => {
  const { named, counts } = await backedUpWhile((source) => {
    rmSync(join(source, "z-small"));
    rmSync(join(source, "z-folder"), { recursive: true });
  });
  expect(named).toEqual(["z-folder vanished", "z-small vanished"]);
  expect(counts).toMatchObject({ files: 2, directories: 1 });
});

it("what became something else before its turn is kept as what it is now", async () => {
  const { named, restored } = await backedUpWhile((source) => {
    rmSync(join(source, "z-small"));
    mkdirSync(join(source, "z-small"));
    rmSync(join(source, "z-folder"), { recursive: true });
    writeFileSync(join(source, "z-folder"), "now a file\n");
  });
  expect(named).toEqual([]);
  expect((await stat(join(restored, "z-small"))).isDirectory()).toBe(true);
  expect(await readFile(join(restored, "z-folder"), "utf8")).toBe("now a file\n");
});

it("a file that changed before its turn is no change: it is kept as it was read", async () => {
  const { named, restored } = await backedUpWhile((source) => appendFileSync(join(source, "z-small"), "more\n"));
  expect(named).toEqual([]);
  expect(await readFile(join(restored, "z-small"), "utf8")).toBe("z-small\nmore\n");
});
