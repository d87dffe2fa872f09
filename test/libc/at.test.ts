import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDirectoryBeneath, walkBeneath } from "../../src/libc/at.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

/** A root with `a/b`, a file, links to the inside and to the outside; beside it, a folder that nobody may get into. */
async function makeRoot(): Promise<{ root: string; fd: number }> {
  const scratch = await scratchFolder();
  const root = join(scratch, "root");
  await mkdir(join(root, "a/b"), { recursive: true });
  await mkdir(join(scratch, "outside/b"), { recursive: true });
  await writeFile(join(root, "file"), "");
  await symlink("a", join(root, "inside-link"));
  await symlink("../outside", join(root, "outside-link"));
  await symlink(join(scratch, "outside"), join(root, "absolute-link"));
  const fd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  onTestFinished(() => closeSync(fd));
  return { root, fd };
}

describe.each([
  ["with openat2", openDirectoryBeneath],
  ["on kernels without it", walkBeneath],
])("a directory beneath a root, %s", (_name, open) => {
  it.each(["a", "a/b", "a//b", "./a", "."])("is opened (%s)", async (path) => {
    const { root, fd } = await makeRoot();
    const opened = open(fd, path);
    onTestFinished(() => closeSync(opened));
    expect(fstatSync(opened).ino).toBe(statSync(join(root, path)).ino);
  });

  it.each(["inside-link", "inside-link/b", "outside-link", "outside-link/b", "absolute-link", "absolute-link/b"])(
    "is not reached through a link (%s)",
    async (path) => {
      const { fd } = await makeRoot();
      expect(() => open(fd, path)).toThrow(/^(ELOOP|ENOTDIR):/u);
    },
  );

  it.each(["..", "../outside", "a/../../outside"])("is not reached through a way out (%s)", async (path) => {
    const { fd } = await makeRoot();
    expect(() => open(fd, path)).toThrow(/^EXDEV:/u);
  });

  it("is no file, and has to be there", async () => {
    const { fd } = await makeRoot();
    expect(() => open(fd, "file")).toThrow(/^ENOTDIR:/u);
    expect(() => open(fd, "a/c")).toThrow(/^ENOENT:/u);
  });
});
