import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, linkSync, mkdirSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { closeSync, symlinkSync, truncateSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Compression } from "../../src/contract/settings.ts";
import { readManifest } from "../../src/format/read-manifest.ts";
import { verifyBackup } from "../../src/verify/verify-backup.ts";
import { archiveFolder } from "../fixtures/archive-folder.ts";
import { expectSameTree } from "../fixtures/expect-same-tree.ts";
import { openTestArchive } from "../fixtures/open-test-archive.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { sealedBackup } from "../fixtures/sealed-backup.ts";

const tarOptions = ["--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner"];
const options = { gzip: "-z", zstd: "--zstd", none: "--sparse" };

/**
 * Backs up a folder with changes between the passes, and expects that the backup is the folder as it is in the end: as
 * Davit verifies it, as GNU tar extracts it, and in the very order in which one pass alone writes it.
 */
async function expectCaughtUp(
  source: string,
  meanwhile: readonly (() => unknown)[],
  compression: Compression = { type: "gzip", level: 6 },
): Promise<string> {
  const scratch = await scratchFolder();
  const where = { vault: join(scratch, "vault"), module: "test", time: "20261122T020000Z", source };
  const folder = await sealedBackup({ ...where, order: { compression }, meanwhile });
  await expect(verifyBackup({ folder })).resolves.toMatchObject({ ok: true });
  expect(await runTool("bash", "-c", 'cd "$1" && sha256sum --quiet -c SHA256SUMS', "sums", folder)).toBe("");
  const { archive, changed } = await readManifest(folder);
  expect(changed).toEqual([]);
  const list = async (file: string) => runTool("tar", options[compression.type], "-tf", file);
  const names = await list(join(folder, archive.file));
  const atOnce = await archiveFolder(source, join(scratch, "at-once"), { compression });
  expect(names).toBe(await list(join(scratch, "at-once", atOnce.archive.file)));
  const target = join(scratch, "target");
  await mkdir(target);
  await runTool("tar", ...tarOptions, options[compression.type], "-xpf", join(folder, archive.file), "-C", target);
  await expectSameTree(join(target, source), source);
  return folder;
}

/** A folder with a few dozen files, small and big, links, and folders in folders. */
async function makeTree(): Promise<string> {
  const source = join(await scratchFolder(), "source");
  for (const folder of ["a", "a/deep/er", "b", "b-side", "empty", "z"])
    mkdirSync(join(source, folder), { recursive: true });
  for (const folder of ["", "a", "a/deep/er", "b", "b-side", "z"])
    for (let at = 0; at < 6; at += 1)
      writeFileSync(join(source, folder, `file-${at}`), `${folder} ${at}\n`.repeat(300));
  writeFileSync(join(source, "b", "big"), randomBytes(9_000_000));
  writeFileSync(join(source, "z", "huge"), Buffer.alloc(20_000_000, "some text that compresses well. "));
  linkSync(join(source, "a", "file-0"), join(source, "b", "linked"));
  linkSync(join(source, "a", "file-0"), join(source, "z", "linked"));
  symlinkSync("../a/file-1", join(source, "b", "link"));
  return source;
}

describe("a catch-up", () => {
  it.each<Compression>([{ type: "gzip", level: 6 }, { type: "zstd", level: 3 }, { type: "none" }])(
    "finds all that was made, changed and removed since ($type)",
    { timeout: 60_000 },
    async (compression) => {
      const source = await makeTree();
      const at = (path: string) => join(source, path);
      const change = () => {
        appendFileSync(at("file-3"), "more");
        writeFileSync(at("a/between"), "new");
        rmSync(at("a/deep"), { recursive: true });
        rmSync(at("b/file-5"));
        renameSync(at("b-side"), at("c-side"));
        truncateSync(at("z/file-1"), 10);
        writeFileSync(at("a-first"), "before all of a's like names");
        rmSync(at("z/file-2"));
        mkdirSync(at("z/file-2"));
        writeFileSync(at("z/file-2/inner"), "a folder now");
        rmSync(at("empty"), { recursive: true });
        writeFileSync(at("empty"), "a file now");
        rmSync(at("b/link"));
        symlinkSync("elsewhere", at("b/link"));
        appendFileSync(at("b/big"), "a tail");
      };
      await expectCaughtUp(source, [change], compression);
    },
  );

  it("finds nothing where nothing has changed, and reads nothing again", async () => {
    const source = await makeTree();
    await new Promise((resolve) => setTimeout(resolve, 50)); // the tree is older than the pass
    const scratch = await scratchFolder();
    const session = await openTestArchive(source, scratch);
    expect((await session.pass("live")).entries).toBeGreaterThan(40);
    expect(await session.pass("catch-up")).toMatchObject({ entries: 0, bytes: 0 });
    await session.finish();
    await session.close();
    expect(await runTool("tar", "-zf", join(scratch, "test.tar.gz"), "--compare", "-C", "/")).toBe("");
  });

  it("leaves the archive of the live pass as it is where nothing has changed", async () => {
    await expectCaughtUp(await makeTree(), [() => undefined, () => undefined]);
  });

  it("sees what leaves size and time of a file as they were", async () => {
    const source = await makeTree();
    const file = join(source, "file-1");
    const before = statSync(file);
    await expectCaughtUp(source, [
      () => {
        writeFileSync(file, "x".repeat(before.size));
        utimesSync(file, before.atime, before.mtime);
      },
    ]);
  });

  it("sees a change of mode, owner and attributes alone", async () => {
    const source = await makeTree();
    await expectCaughtUp(source, [
      async () => {
        chmodSync(join(source, "file-1"), 0o4711);
        await runTool("chown", "1234:4321", join(source, "a"));
        await runTool("setfattr", "-n", "user.note", "-v", "new", join(source, "b", "big"));
        await runTool("setfacl", "-m", "u:1234:rw", join(source, "z", "file-0"));
      },
    ]);
  });

  it.each([
    ["the first name is removed", (at: Path) => rmSync(at("a/file-0"))],
    ["a name comes before the first", (at: Path) => linkSync(at("a/file-0"), at("a/aaa"))],
    [
      "the first name is another file now",
      (at: Path) => {
        rmSync(at("a/file-0"));
        writeFileSync(at("a/file-0"), "another");
      },
    ],
    ["a file gets a second name", (at: Path) => linkSync(at("z/file-4"), at("z/file-4-too"))],
    ["all but one name are removed", (at: Path) => (rmSync(at("a/file-0")), rmSync(at("z/linked")))],
    ["the content changes", (at: Path) => appendFileSync(at("z/linked"), "more")],
    ["the names move", (at: Path) => renameSync(at("a"), at("y"))],
  ])("keeps hard links right where %s", async (_case, change) => {
    const source = await makeTree();
    await expectCaughtUp(source, [() => change((path) => join(source, path))]);
  });

  it("is right after several live passes", { timeout: 120_000 }, async () => {
    const source = await makeTree();
    const random = numbers(20261126);
    const folders = ["", "a", "b", "b-side", "z", "new"];
    const step = () => {
      for (let change = 0; change < 12; change += 1) {
        const folder = join(source, folders[random(folders.length)] ?? "");
        const file = join(folder, `file-${random(9)}`);
        mkdirSync(folder, { recursive: true });
        const what = random(6);
        if (what === 0) rmSync(file, { force: true, recursive: true });
        else if (what === 1) writeFileSync(file, `${random(1e9)}`);
        else if (what === 2) appendFileSync(file, `${random(1e9)}`);
        else if (what === 3) overwrite(join(source, "z", "huge"), random(20_000_000));
        else if (what === 4) renameTo(file, join(source, "b", `moved-${random(5)}`));
        else overwrite(join(source, "b", "big"), random(9_000_000));
      }
      if (random(3) === 0) rmSync(join(source, "b-side"), { recursive: true, force: true });
    };
    await expectCaughtUp(source, [step, step, step, step]);
  });

  it.each<Compression>([{ type: "gzip", level: 6 }, { type: "zstd", level: 3 }, { type: "none" }])(
    "puts a big file together from pieces that changed in several passes, one upon the other ($type)",
    { timeout: 60_000 },
    async (compression) => {
      const source = join(await scratchFolder(), "source");
      mkdirSync(source);
      const file = join(source, "database");
      writeFileSync(file, Buffer.concat([randomBytes(6_000_000), Buffer.alloc(6_000_000, "text "), randomBytes(100)]));
      const random = numbers(7);
      const step = () => {
        for (let change = 0; change < 25; change += 1) overwrite(file, random(12_000_000));
        for (const inFirstBlock of [0, 65_535, 65_536, random(1_048_576)]) overwrite(file, inFirstBlock);
        const fd = openSync(file, "r+");
        writeSync(fd, randomBytes(1_200_000), 0, 1_200_000, 4_000_000 + random(1_000_000));
        closeSync(fd);
      };
      const grow = () => {
        step();
        appendFileSync(file, randomBytes(2_000_000));
      };
      const shrink = () => {
        step();
        truncateSync(file, 9_999_999);
      };
      await expectCaughtUp(source, [step, step, grow, step, shrink, step], compression);
    },
  );

  it("writes of a big file only the pieces that have changed", async () => {
    const source = join(await scratchFolder(), "source");
    mkdirSync(source);
    writeFileSync(join(source, "database"), randomBytes(40_000_000));
    const scratch = await scratchFolder();
    const session = await openTestArchive(source, scratch);
    await session.pass("live");
    overwrite(join(source, "database"), 12_345_678);
    overwrite(join(source, "database"), 39_999_990);
    expect(await session.pass("catch-up")).toMatchObject({ entries: 1, bytes: 40_000_000 });
    // One piece of 64 KiB and the last block, which is not a whole one.
    expect((await stat(join(scratch, "work", "spool"))).size).toBeLessThan(40_300_000);
    await session.finish();
    await session.close();
    expect(await runTool("tar", "-zf", join(scratch, "test.tar.gz"), "--compare", "-C", "/")).toBe("");
  });

  it("leaves nothing of its work behind", async () => {
    const source = await makeTree();
    const folder = await expectCaughtUp(source, [() => appendFileSync(join(source, "file-0"), "more")]);
    const names = (await runTool("ls", "-A", folder)).split("\n").filter(Boolean);
    expect(names).toEqual([
      "SHA256SUMS",
      "compose.yaml",
      "containers.json",
      "index.ndjson.gz",
      "manifest.json",
      "networks.json",
      "test.tar.gz",
      "volumes.json",
    ]);
  });
});

type Path = (path: string) => string;

function overwrite(file: string, position: number): void {
  const fd = openSync(file, "r+");
  writeSync(fd, "changed", position);
  closeSync(fd);
}

function renameTo(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    writeFileSync(from, "there was nothing to rename");
  }
}

/** Numbers below a limit, the same ones in every run (mulberry32). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
