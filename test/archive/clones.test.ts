import { appendFileSync, linkSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { closeSync, readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ArchiveSession } from "../../src/contract/archive-session.ts";
import { openArchive } from "../../src/archive/open-archive.ts";
import { expectSameTree } from "../fixtures/expect-same-tree.ts";
import { mountLoopFileSystem } from "../fixtures/live/loop-file-system.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const signal = new AbortController().signal;

async function begin(sources: string[], folder: string, given = signal): Promise<ArchiveSession> {
  return openArchive({
    module: "test",
    sources,
    exclude: [],
    skip: [],
    compression: { type: "gzip", level: 6 },
    folder,
    repeats: true,
    signal: given,
    onProgress: () => undefined,
  });
}

function fill(source: string): void {
  mkdirSync(join(source, "folder"), { recursive: true });
  writeFileSync(join(source, "big"), randomBytes(12_000_000));
  for (let at = 0; at < 50; at += 1) writeFileSync(join(source, "folder", `file-${at}`), `${at}\n`.repeat(400));
}

function change(source: string): void {
  const fd = openSync(join(source, "big"), "r+");
  writeSync(fd, "changed", 7_000_000);
  closeSync(fd);
  for (let at = 0; at < 20; at += 1) appendFileSync(join(source, "folder", `file-${at}`), "more\n");
  rmSync(join(source, "folder", "file-30"));
  linkSync(join(source, "folder", "file-31"), join(source, "folder", "another"));
  writeFileSync(join(source, "new"), "new\n");
}

async function extracted(folder: string): Promise<string> {
  const target = join(await scratchFolder(), "target");
  await mkdir(target);
  await runTool("tar", "-xpzf", join(folder, "test.tar.gz"), "-C", target);
  return target;
}

describe("a snapshot of what has changed", () => {
  it.each(["btrfs", "xfs"] as const)(
    "is what the files were then, whatever becomes of them while it is read (%s)",
    { timeout: 60_000 },
    async (type) => {
      const scratch = await scratchFolder();
      const source = join(scratch, "source");
      await mountLoopFileSystem(source, 400, type);
      fill(source);
      const backup = join(scratch, "backup");
      await mkdir(backup);
      const session = await begin([source], backup);
      await session.pass("live");
      change(source);
      await runTool("cp", "-a", source, join(scratch, "then"));
      const taken = await session.pass("snapshot");
      expect(taken).toMatchObject({ notCloned: 0, entries: 23 });
      // The module is let go: its files change again before they are read.
      truncateSync(join(source, "big"), 10);
      rmSync(join(source, "folder"), { recursive: true });
      await session.finish();
      await session.close();
      expect(readdirSync(source).toSorted()).toEqual(["big", "new"]);
      await expectSameTree(join(await extracted(backup), source), join(scratch, "then"));
    },
  );

  it("is a catch-up where the file system can't clone", async () => {
    const scratch = await scratchFolder();
    const source = join(scratch, "source");
    await mountLoopFileSystem(source, 60, "ext4");
    fill(source);
    const backup = join(scratch, "backup");
    await mkdir(backup);
    const session = await begin([source], backup);
    await session.pass("live");
    change(source);
    expect((await session.pass("snapshot")).notCloned).toBe(1);
    await session.finish();
    await session.close();
    await expectSameTree(join(await extracted(backup), source), source);
  });

  it("that is cancelled while it is read leaves nothing open", { timeout: 60_000 }, async () => {
    const scratch = await scratchFolder();
    const source = join(scratch, "source");
    await mountLoopFileSystem(source, 400, "btrfs");
    fill(source);
    const backup = join(scratch, "backup");
    await mkdir(backup);
    const cancel = new AbortController();
    const session = await begin([source], backup, cancel.signal);
    await session.pass("live");
    change(source);
    await session.pass("snapshot");
    cancel.abort(new Error("enough"));
    await expect(session.finish()).rejects.toThrow("enough");
    await session.close();
    // The file system can be unmounted, which the fixture does: nothing of it is open.
    expect(await runTool("bash", "-c", 'find /proc/$1/fd -lname "$2/*" | wc -l', "fds", `${process.pid}`, source)).toBe(
      "0\n",
    );
  });
});
