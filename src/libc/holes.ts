import { getSystemErrorName } from "node:util";
import koffi from "koffi";
import { loadLibc } from "./load-libc.ts";

/* lseek(2) with SEEK_DATA and SEEK_HOLE. */
const lseek = loadLibc().func("int64_t lseek(int fd, int64_t offset, int whence)");
const seekData = 3;
const seekHole = 4;

/** Offset of the next byte at or after `offset` that is not in a hole; null where only a hole follows. */
export function nextData(fd: number, offset: number): number | null {
  const found = Number(lseek(fd, offset, seekData));
  if (found >= 0) return found;
  const error = lastError();
  if (error.code === "ENXIO") return null;
  throw error;
}

/** Offset of the next hole at or after `offset`; the file's end counts as one. */
export function nextHole(fd: number, offset: number): number {
  const found = Number(lseek(fd, offset, seekHole));
  if (found >= 0) return found;
  throw lastError();
}

function lastError(): Error & { code: string } {
  const code = getSystemErrorName(-koffi.errno());
  return Object.assign(new Error(`${code}: lseek`), { code });
}
