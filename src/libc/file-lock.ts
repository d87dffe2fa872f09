import { getSystemErrorName } from "node:util";
import koffi from "koffi";
import { loadLibc } from "./load-libc.ts";

/*
 * Locks that the kernel keeps for an open file and lets go by itself when the process ends, however it ends: fcntl(2),
 * "open file description locks". They hold between processes, containers and, inside one process, between two openings.
 * Node offers none.
 */
let known: ReturnType<ReturnType<typeof loadLibc>["func"]> | undefined;
const getLock = 36;
const setLock = 37;
const writeLock = 1;
const noLock = 2;

/** Locks an open file (open for writing) for this opening alone; false where another opening has it. */
export function tryLock(fd: number): boolean {
  if (fcntl(fd, setLock, wholeFile()) === 0) return true;
  const code = getSystemErrorName(-koffi.errno());
  if (code === "EAGAIN" || code === "EACCES") return false;
  throw lockError(code);
}

/** Whether another opening of the file has the lock; asks without taking it. */
export function isLocked(fd: number): boolean {
  const lock = wholeFile();
  if (fcntl(fd, getLock, lock) !== 0) throw lockError(getSystemErrorName(-koffi.errno()));
  return lock.readInt16LE(0) !== noLock;
}

function fcntl(fd: number, command: number, lock: Buffer): number {
  // Most of what the agent's executable is asked needs no lock, and it has to unpack what loads the C library.
  known ??= loadLibc().func("int fcntl(int fd, int cmd, _Inout_ uint8_t *lock)");
  return Number(known(fd, command, lock));
}

// struct flock with l_type set; all zeros besides mean "from the start to the end".
function wholeFile(): Buffer {
  const lock = Buffer.alloc(32);
  lock.writeInt16LE(writeLock, 0);
  return lock;
}

function lockError(code: string): Error {
  return Object.assign(new Error(`${code}: the file system can't lock files, fcntl`), { code });
}
