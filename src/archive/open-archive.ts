import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ArchiveResult, ArchiveSession, PassKind } from "../contract/archive-session.ts";
import type { Progress } from "../contract/run-event.ts";
import type { Compression } from "../contract/settings.ts";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { archiveFile, indexFile } from "../format/file-names.ts";
import { createBlockWriter } from "./block-writer.ts";
import { createCompactor } from "./compact.ts";
import { type DumpEntry, writeDump } from "./dump-entry.ts";
import { createIndexWriter } from "./index-writer.ts";
import { createListing, type FinishedPass, type Listing } from "./listing.ts";
import { readPass } from "./read-pass.ts";
import type { Cloned } from "./read-message.ts";
import { startComparers, usefulComparers } from "./start-comparers.ts";
import { createSpool, type Spool } from "./spool.ts";
import { type PassNotes, type PreparedReader, prepareReader } from "./prepare-reader.ts";

export interface ArchiveOrder {
  module: string;
  /** Absolute host paths, none of which lies in another. */
  sources: readonly string[];
  exclude: readonly string[];
  /** Absolute host paths that are never read. */
  skip: readonly string[];
  compression: Compression;
  /** The folder, there already, that the archive and the index are written into. */
  folder: string;
  /** Whether a catch-up is to come after the live pass. */
  repeats: boolean;
  signal: AbortSignal;
  onProgress(now: Progress): void;
}

/** Two blocks of zeros end a tar archive. */
const endOfArchive = Buffer.alloc(1024);

/**
 * Begins the archive `<module>.tar.gz` (or `.tar.zst`, `.tar`) of everything below the sources, and its index, as
 * docs/format.md has them. A file that changes, vanishes or can't be read is told in `changed` and never ends the archive.
 * Nothing is flushed to disk: sealing does that. Everything rejects when cancelled, or when the folder can't be written.
 */
export async function openArchive(order: ArchiveOrder): Promise<ArchiveSession> {
  const ending = new AbortController();
  const signal = AbortSignal.any([order.signal, ending.signal]);
  signal.throwIfAborted();
  const name = archiveFile(order.module, order.compression);
  const work = join(order.folder, "work");
  await mkdir(work, { mode: 0o700 });
  const spool = await createSpool(join(work, "spool"), order.compression, order.repeats);
  const comparers = startComparers(order.repeats ? usefulComparers() : 0);
  const passes: (FinishedPass & { notes: PassNotes })[] = [];
  const dumps: DumpEntry[] = [];
  let reading: Promise<unknown> = Promise.resolve();
  let next: PreparedReader | null = null;

  async function guarded<T>(doing: () => Promise<T>): Promise<T> {
    try {
      signal.throwIfAborted();
      return await doing();
    } catch (error) {
      signal.throwIfAborted();
      throw errorCode(error) === undefined ? error : storageFailure(`can't write ${join(order.folder, name)}`, error);
    }
  }

  function filesOf(number: number): { catalog: string; places: string } {
    return { catalog: join(work, `catalog-${number}`), places: join(work, `places-${number}`) };
  }

  function prepare(): PreparedReader {
    const hashes = spool.writer.hashes.share();
    comparers.know(hashes);
    const { sources, exclude, skip, repeats } = order;
    const { catalog } = filesOf(passes.length);
    const earlier = passes.map((pass) => ({ catalog: pass.catalog, began: pass.began, bigs: pass.bigs }));
    return prepareReader({ sources, exclude, skip, repeats, earlier, hashes, comparers: comparers.memory, catalog });
  }

  async function readWhole(kind: PassKind, onCloned: (cloned: Cloned) => void): Promise<Cloned> {
    const files = filesOf(passes.length);
    const reader = next ?? prepare();
    next = null;
    spool.writer.hurry(kind === "catch-up");
    const { writer } = spool;
    const { onProgress } = order;
    const pass = { kind, reader, places: files.places, writer, signal, onCloned, onProgress };
    const { entries, bytes, ...read } = await readPass(pass);
    passes.push({ ...files, ...read });
    if (order.repeats && kind === "live") {
      next = prepare();
      await next.ready;
    }
    return { entries, bytes, notCloned: 0 };
  }

  return {
    pass: async (kind) =>
      guarded(async () => {
        const started = performance.now();
        const cloned = Promise.withResolvers<Cloned>();
        const whole = readWhole(kind, cloned.resolve);
        reading = whole;
        whole.catch(cloned.reject);
        cloned.promise.catch(() => undefined); // awaited only where the pass is cloned
        const amount = await (kind === "snapshot" ? cloned.promise : whole);
        return { ...amount, ms: Math.round(performance.now() - started) };
      }),
    addDump: async (dump) =>
      guarded(async () => {
        const written = await writeDump(dump, spool.writer);
        dumps.push(written);
        return written.size;
      }),
    finish: async () =>
      guarded(async () => {
        await reading;
        spool.writer.hurry(false);
        await spool.writer.written();
        const target = { archive: join(order.folder, name), index: join(order.folder, indexFile) };
        const listing = createListing(passes, dumps, order.onProgress);
        const isWhole = dumps.length === 0 && passes.slice(1).every((one) => one.records === 0);
        const sealed = await (isWhole ? keep(spool, listing, target) : compact(spool, listing, target, order));
        await rm(work, { recursive: true });
        const { entries, sha256, archive } = sealed;
        const notes = passes.at(-1)?.notes ?? { changed: [], changedTotal: 0, excluded: [], skipped: [] };
        return {
          archive: { file: name, compression: order.compression, ...archive },
          index: { file: indexFile, sha256, entries },
          counts: { ...listing.counts, bytesOut: archive.bytes },
          ...notes,
        };
      }),
    async close() {
      ending.abort();
      await reading.catch(() => undefined); // told where it was awaited
      await next?.stop();
      await comparers.stop();
      await spool.close();
    },
  };
}

interface Target {
  archive: string;
  index: string;
}

type Sealed = Pick<ArchiveResult["index"], "entries" | "sha256"> & { archive: { bytes: number; sha256: string } };

/** Nothing has changed since the first pass: the spool is the archive. */
async function keep(spool: Spool, listing: Listing, target: Target): Promise<Sealed> {
  const index = createIndexWriter(target.index, spool.writer.blocks);
  for (const { line, stretches } of listing.entries()) {
    const [first] = stretches;
    if (first !== undefined) index.add(line, first.start);
    if (index.isFull()) await index.flush();
  }
  spool.writer.write(endOfArchive, 0, endOfArchive.length);
  const archive = await spool.writer.end();
  await rename(spool.path, target.archive);
  return { ...(await index.end()), archive };
}

/** Puts the newest state of everything into a new file. */
async function compact(spool: Spool, listing: Listing, target: Target, order: ArchiveOrder): Promise<Sealed> {
  const file = await open(target.archive, "wx", 0o600);
  try {
    const writer = createBlockWriter(file, { compression: order.compression, hashed: false });
    const index = createIndexWriter(target.index, writer.blocks);
    const compactor = createCompactor(spool, writer, index);
    for (const { line, stretches, unhashed } of listing.entries()) {
      order.signal.throwIfAborted();
      const sum = unhashed === null ? null : await spool.contentHash(unhashed.block, unhashed.size);
      await compactor.add(sum === null ? line : `${line},"sha256":"${sum}"`, stretches);
    }
    await compactor.end();
    writer.write(endOfArchive, 0, endOfArchive.length);
    const archive = await writer.end();
    return { ...(await index.end()), archive };
  } finally {
    await file.close();
  }
}
