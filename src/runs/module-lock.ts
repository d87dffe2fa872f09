import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";
import { moduleName } from "../contract/backup-id.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { isLocked, tryLock } from "../libc/file-lock.ts";

const holder = z.object({
  run: z.string(),
  pid: z.int(),
  instance: z.string(),
  since: z.iso.datetime(),
  /** Whether it ends as soon as somebody else wants the module. */
  givesWay: z.boolean().optional(),
});

/** Who has a module's lock. `pid` is as its own container sees it. */
export type LockHolder = z.infer<typeof holder>;

export interface ModuleLock {
  /** The run that ended without letting go, where there was one: its process is gone. */
  leftBy: LockHolder | null;
  /** Lets go; once is enough, twice does no harm. */
  release(): void;
}

/** How often a lock's file is touched, so that a person sees that its run lives. */
const heartbeatMs = 5000;
const hangsAfterMs = 60_000;

/**
 * Takes the lock of a module, or throws a `busy` Failure that names the holder. The kernel keeps the lock for the open file
 * and drops it with the process, so one that a crash, a kill or a power cut left behind is taken at once, whatever process
 * ids were reused, and no two processes can take it together.
 */
export function takeModuleLock(state: string, module: string, as: LockHolder): ModuleLock {
  const file = lockFile(state, module);
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const fd = openLocked(file);
    if (fd === null) throw busy(module, file);
    return holdLock(fd, file, as);
  } catch (thrown) {
    throw storageFailure(`can't take the lock ${file}`, thrown);
  }
}

/** The same; null where another process or run has it. */
export function lockUnlessBusy(state: string, module: string, as: LockHolder): ModuleLock | null {
  try {
    return takeModuleLock(state, module, as);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "busy") return null;
    throw thrown;
  }
}

/** Who has the lock of a module now; null where it is free, a file left by a crash included. */
export function lockHolder(state: string, module: string): LockHolder | null {
  const file = lockFile(state, module);
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw storageFailure(`can't read the lock ${file}`, thrown);
  }
  try {
    return isLocked(fd) ? (readHolder(fd) ?? unknownHolder) : null;
  } catch (thrown) {
    throw storageFailure(`can't read the lock ${file}`, thrown);
  } finally {
    closeSync(fd);
  }
}

// Seen only in the instant between a lock being taken and its file being written.
const unknownHolder: LockHolder = { run: "", pid: 0, instance: "", since: "1970-01-01T00:00:00Z" };

function lockFile(state: string, module: string): string {
  return path.join(state, "locks", `${moduleName.parse(module)}.json`);
}

function openLocked(file: string): number | null {
  for (;;) {
    const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    let locked = false;
    try {
      locked = tryLock(fd);
      // The last holder removes the file before it lets go: what we locked may not be the file of that name any more.
      if (locked && isSameFile(fd, file)) return fd;
    } catch (thrown) {
      closeSync(fd);
      throw thrown;
    }
    closeSync(fd);
    if (!locked) return null;
  }
}

function isSameFile(fd: number, file: string): boolean {
  const named = statSync(file, { throwIfNoEntry: false });
  const opened = fstatSync(fd);
  return named !== undefined && named.ino === opened.ino && named.dev === opened.dev;
}

function holdLock(fd: number, file: string, as: LockHolder): ModuleLock {
  let leftBy: LockHolder | null;
  try {
    leftBy = readHolder(fd);
    ftruncateSync(fd);
    writeSync(fd, `${JSON.stringify(as)}\n`, 0);
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  const beat = setInterval(() => touch(fd), heartbeatMs);
  beat.unref();
  let held = true;
  return {
    leftBy,
    release: () => {
      if (!held) return;
      held = false;
      clearInterval(beat);
      try {
        unlinkSync(file);
      } catch {
        // The kernel's lock goes with the file's closing; a name that stays is taken over by the next run.
      }
      closeSync(fd);
    },
  };
}

function touch(fd: number): void {
  try {
    const now = new Date();
    futimesSync(fd, now, now);
  } catch {
    // Only people read the heartbeat; a run does not end because its file system is read-only for a moment.
  }
}

function readHolder(fd: number): LockHolder | null {
  try {
    return holder.parse(JSON.parse(readFileSync(fd, "utf8")));
  } catch {
    return null;
  }
}

function busy(module: string, file: string): Failure {
  const { found, silentMs } = lookAt(file);
  const by =
    found === null || found.run === ""
      ? "another part of Davit"
      : `run ${found.run} (process ${found.pid}, since ${found.since})`;
  const hint =
    silentMs > hangsAfterMs
      ? `it gave no sign of life for ${Math.round(silentMs / 1000)} s: it hangs, end its process`
      : "wait until it ended, or cancel it; `davit runs` shows how far it is";
  return new Failure("busy", `${module} is busy: ${by} has its lock`, { hint });
}

function lookAt(file: string): { found: LockHolder | null; silentMs: number } {
  try {
    const fd = openSync(file, constants.O_RDONLY);
    try {
      return { found: readHolder(fd), silentMs: Date.now() - fstatSync(fd).mtimeMs };
    } finally {
      closeSync(fd);
    }
  } catch {
    return { found: null, silentMs: 0 };
  }
}
