import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createHash } from "node:crypto";
import { type CopyId, copyFileName, type CopyState, linkLimits } from "../../contract/link.ts";
import { parseBackupTime } from "../../contract/backup-id.ts";
import type { Evidence } from "../../contract/manifest.ts";
import { appendLine } from "../../durable/append-line.ts";
import { syncFolder } from "../../durable/sync-folder.ts";
import { asFailure, errorCode } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { evidenceFile, sumsFile } from "../../format/file-names.ts";
import { readChecksums } from "../../format/read-checksums.ts";
import { Rejected } from "../rejected.ts";

/** A piece of a file that arrives. */
export interface Piece {
  file: string;
  /** Where in the file it begins, its bytes, and those of the whole file. */
  first: number;
  bytes: number;
  total: number;
}

/** What the copies leave free of their file system, so that a sidecar gone wild can't fill the host's disk. */
const sparedBytes = 1024 ** 3;
const sparedShare = 0.05;
/** How far a backup's time may lie ahead of the agent's clock. */
const aheadMs = 24 * 3_600_000;

/**
 * The copies of sidecars' sealed backups, `<folder>/<host id>/<module>/<time>/`, each host a vault of its own. They come file by file and
 * piece by piece into `.<time>.partial`, are read again and compared with their SHA256SUMS, and get their final name. Nothing
 * here removes or replaces a copy, nor a file that is whole.
 */
export class CopyStore {
  readonly #folder: string;
  readonly #now: () => Date;
  /** Copies that something is being done with: one thing at a time. */
  readonly #busy = new Set<string>();

  constructor(folder: string, now: () => Date) {
    this.#folder = folder;
    this.#now = now;
  }

  /** How far a copy has come. */
  async state(id: CopyId): Promise<CopyState> {
    const { sealed, partial } = this.#places(id);
    if (await sizesOf(sealed)) return { sealed: true, files: {} };
    return { sealed: false, files: (await sizesOf(partial)) ?? {} };
  }

  /**
   * Appends a piece to a file. It has to begin where the file ends; a file that is whole takes no more. What arrived of a piece that
   * broke off stays, and the next one goes on there.
   */
  async append(id: CopyId, piece: Piece, content: Readable): Promise<void> {
    await this.#alone(id, async () => {
      const { sealed, partial } = this.#places(id);
      this.#refuseFuture(id);
      if (await sizesOf(sealed)) throw alreadyThere(`the copy ${nameOf(id)}`);
      const sizes = (await sizesOf(partial)) ?? {};
      const there = sizes[piece.file] ?? 0;
      refusePiece(piece, there, Object.keys(sizes));
      await this.#requireSpace(piece.total - there);
      await mkdir(partial, { recursive: true, mode: 0o700 });
      await appendTo(path.join(partial, piece.file), piece, content);
    });
  }

  /**
   * Reads every file again, compares it with SHA256SUMS, and gives the copy its final name. Files that do not match, or that SHA256SUMS
   * does not name, are dropped (they are no backup yet), and the rejection `damaged` names them. When it arrived, and `from` where, is
   * written down as its evidence.
   */
  async seal(id: CopyId, from: string, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<number> {
    return this.#alone(id, async () => {
      const began = this.#now().getTime();
      const { sealed, partial } = this.#places(id);
      if (await sizesOf(sealed)) throw alreadyThere(`the copy ${nameOf(id)}`);
      const sizes = await sizesOf(partial);
      if (sizes === null || sizes[sumsFile] === undefined)
        throw new Rejected("bad-request", `${nameOf(id)} has no ${sumsFile} yet`, { hint: "send its files first" });
      const bad = await this.#mismatches(partial, Object.keys(sizes), { onProgress, signal });
      for (const name of bad) await rm(path.join(partial, name), { force: true });
      if (bad.length > 0)
        throw new Rejected("damaged", `${bad.join(", ")} of ${nameOf(id)} did not arrive as SHA256SUMS says`, {
          hint: "send them again",
        });
      for (const name of Object.keys(sizes)) await flush(path.join(partial, name));
      const at = this.#now();
      const ms = Math.max(0, at.getTime() - began);
      const arrived: Evidence = { kind: "copied", at: at.toISOString(), ok: true, ms, detail: `from ${from}` };
      await rm(path.join(partial, evidenceFile), { force: true });
      await appendLine(path.join(partial, evidenceFile), JSON.stringify(arrived));
      await syncFolder(partial);
      await rename(partial, sealed);
      for (const folder of [path.dirname(sealed), path.join(this.#folder, id.host), this.#folder])
        await syncFolder(folder);
      return Object.values(sizes).reduce((sum, size) => sum + size, 0);
    });
  }

  #places({ host, module, time }: CopyId): { sealed: string; partial: string } {
    const folder = path.join(this.#folder, host, module);
    return { sealed: path.join(folder, time), partial: path.join(folder, `.${time}.partial`) };
  }

  /** One that is dated ahead would be the newest for ever. */
  #refuseFuture(id: CopyId): void {
    const time = parseBackupTime(id.time).getTime();
    if (Number.isNaN(time) || time > this.#now().getTime() + aheadMs)
      throw new Rejected("bad-request", `${nameOf(id)} is dated ahead of the agent's clock`, {
        hint: "compare the clocks of the machine and of its host",
      });
  }

  async #requireSpace(bytes: number): Promise<void> {
    const { bavail, blocks, bsize, files, ffree } = await statfs(this.#folder);
    const spared = Math.max(sparedBytes, sparedShare * blocks * bsize);
    if (bytes + spared <= bavail * bsize && ffree >= sparedShare * files) return;
    throw new Rejected("no-space", `the host has no room for ${bytes} bytes more of copies`, {
      hint: "free some space on the host; copies leave 5 % of their file system, and 1 GiB at least, free",
    });
  }

  async #mismatches(
    partial: string,
    names: readonly string[],
    { onProgress, signal }: { onProgress: (bytes: number) => void; signal: AbortSignal },
  ): Promise<string[]> {
    const sums = await readChecksums(partial).catch(() => null);
    if (sums === null) return [sumsFile];
    const missing = [...sums.keys()].filter((name) => !names.includes(name));
    if (missing.length > 0) throw new Rejected("bad-request", `${missing.join(", ")} did not arrive yet`);
    const bad: string[] = [];
    let read = 0;
    for (const name of names.filter((one) => one !== sumsFile)) {
      const hash = createHash("sha256");
      await pipeline(
        createReadStream(path.join(partial, name), { highWaterMark: 1024 * 1024 }),
        async function* (pieces: AsyncIterable<Buffer>) {
          for await (const piece of pieces) {
            read += piece.length;
            onProgress(read);
            yield piece;
          }
        },
        hash,
        { signal },
      );
      if (hash.digest("hex") !== sums.get(name)) bad.push(name);
    }
    return bad;
  }

  async #alone<T>(id: CopyId, work: () => Promise<T>): Promise<T> {
    const name = `${id.host}/${nameOf(id)}`;
    if (this.#busy.has(name)) throw new Rejected("busy", `${nameOf(id)} is being written by another request`);
    this.#busy.add(name);
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof Rejected) throw thrown;
      const failure = storageFailure(`can't write the copy ${nameOf(id)}`, thrown);
      const isFull = ["ENOSPC", "EDQUOT"].includes(errorCode(failure.cause) ?? "");
      throw new Rejected(isFull ? "no-space" : "failed", asFailure(failure).message, { cause: thrown });
    } finally {
      this.#busy.delete(name);
    }
  }
}

function nameOf({ module, time }: CopyId): string {
  return `${module}/${time}`;
}

function alreadyThere(what: string): Rejected {
  return new Rejected("already-there", `${what} is there already, and is not written again`);
}

function refusePiece({ file, first, bytes, total }: Piece, there: number, names: readonly string[]): void {
  // What the agent itself writes beside a copy.
  if (file === evidenceFile) throw new Rejected("bad-request", `${file} is no part of a copy`);
  if (!names.includes(file) && names.length >= linkLimits.filesInCopy)
    throw new Rejected("too-large", `a copy has at most ${linkLimits.filesInCopy} files`);
  const most = file === sumsFile ? linkLimits.json : linkLimits.file;
  if (total > most || bytes > linkLimits.piece)
    throw new Rejected("too-large", `a piece has at most ${linkLimits.piece} bytes, ${file} ${most}`);
  if (names.includes(file) && there >= total) throw alreadyThere(file);
  if (first !== there || first + bytes > total)
    throw new Rejected("bad-request", `${file} goes on at byte ${there}, not at ${first}`);
}

/** Writes at most as much as the piece has, at the end of the file. */
async function appendTo(file: string, { first, bytes }: Piece, content: Readable): Promise<void> {
  const handle = await open(file, "a", 0o600);
  try {
    let written = 0;
    for await (const chunk of content) {
      const part: Buffer = chunk;
      if (written + part.length > bytes) throw new Rejected("too-large", "the piece is longer than it said");
      await handle.appendFile(part);
      written += part.length;
    }
    if (written < bytes) throw new Rejected("bad-request", `the piece broke off at byte ${first + written}`);
  } finally {
    await handle.close();
  }
}

/** The sizes of a folder's files; null where there is no such folder. */
async function sizesOf(folder: string): Promise<Record<string, number> | null> {
  try {
    const names = (await readdir(folder)).filter(
      (name) => name !== evidenceFile && copyFileName.safeParse(name).success,
    );
    const sizes = names.map(async (name) => [name, (await stat(path.join(folder, name))).size] as const);
    return Object.fromEntries(await Promise.all(sizes));
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
