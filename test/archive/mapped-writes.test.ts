import { closeSync, openSync, writeFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import koffi from "koffi";
import { expect, it, onTestFinished } from "vitest";
import { loadLibc } from "../../src/libc/load-libc.ts";
import { openTestArchive } from "../fixtures/open-test-archive.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const libc = loadLibc();
const mmap = libc.func("void *mmap(void *at, size_t length, int protection, int flags, int fd, int64_t offset)");
const munmap = libc.func("int munmap(void *at, size_t length)");
const readAndWrite = 3;
const shared = 1;
const size = 1024 * 1024;

/** The bytes of a file through a shared map: what is written there leaves the file's times alone once its page is dirty. */
function mapped(path: string): Buffer {
  const fd = openSync(path, "r+");
  const at: unknown = mmap(null, size, readAndWrite, shared, fd, 0);
  closeSync(fd);
  onTestFinished(() => void munmap(at, size));
  return Buffer.from(koffi.view(at, size));
}

it("writes through a memory map are in the archive, also those that do not show in the file's times", async () => {
  const scratch = await scratchFolder();
  const source = join(scratch, "source");
  await mkdir(source);
  writeFileSync(join(source, "dirty-before"), Buffer.alloc(size, "-"));
  writeFileSync(join(source, "clean-before"), Buffer.alloc(size, "-"));
  const dirty = mapped(join(source, "dirty-before"));
  const clean = mapped(join(source, "clean-before"));
  await runTool("sync", "-f", source);
  dirty.write("before the live pass", 0);
  const session = await openTestArchive(source, scratch, { compression: { type: "none" } });

  await session.pass("live");
  dirty.write("after the first live pass", 100);
  clean.write("after the first live pass", 100);
  await session.pass("live");
  dirty.write("after the second live pass", 200); // to a page that is dirty: no time of the file moves
  clean.write("after the second live pass", 200);
  const caughtUp = await session.pass("catch-up");
  await session.finish();
  await session.close();

  expect(caughtUp.entries).toBe(2);
  const target = join(scratch, "target");
  await mkdir(target);
  await runTool("tar", "-xpf", join(scratch, "test.tar"), "-C", target);
  for (const [name, bytes] of [
    ["dirty-before", dirty],
    ["clean-before", clean],
  ] as const) {
    const restored = await readFile(join(target, source, name));
    expect(restored.toString("latin1", 100, 125)).toBe("after the first live pass");
    expect(restored.toString("latin1", 200, 226)).toBe("after the second live pass");
    expect(restored.equals(bytes)).toBe(true);
  }
});
