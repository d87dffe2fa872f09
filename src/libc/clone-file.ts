import { closeSync, constants } from "node:fs";
import { loadLibc } from "./load-libc.ts";

/* ioctl_ficlone(2): two files share their blocks until one of them is written to. Of btrfs, xfs and some others. */
const library = loadLibc();
const ioctl = library.func("int ioctl(int fd, unsigned long request, int argument)");
const openat = library.func("int openat(int at, const char *path, int flags, uint mode)");
const ficlone = 0x40049409;
const temporary = 0o20000000 | constants.O_DIRECTORY; // O_TMPFILE
const closeOnExec = 0o2000000; // O_CLOEXEC

/**
 * A clone of an open file as it is now, in a file without a name on the same file system, which goes when it is closed. `at`
 * is the directory that the file lies in. Null where there can be none: the file system can't clone, may not be written to,
 * is full, …
 */
export function cloneFile(at: number, fd: number): number | null {
  const clone = Number(openat(at, ".", temporary | constants.O_RDWR | closeOnExec, 0o600));
  if (clone < 0) return null;
  if (Number(ioctl(clone, ficlone, fd)) >= 0) return clone;
  closeSync(clone);
  return null;
}
