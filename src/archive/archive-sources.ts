import { open } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { TarArchive } from "archiver";
import type { ArchiveResult } from "../contract/archive-session.ts";
import type { Counts } from "../contract/manifest.ts";
import type { Progress } from "../contract/run-event.ts";
import type { Compression } from "../contract/settings.ts";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { archiveFile, indexFile } from "../format/file-names.ts";
import { createEntryCutter } from "./entry-cutter.ts";
import { createFeeder } from "./feeder.ts";
import { createIndexWriter } from "./index-writer.ts";
import { createMemberWriter, type Place } from "./member-writer.ts";
import { startReader } from "./start-reader.ts";

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
  signal: AbortSignal;
  onProgress(now: Progress): void;
}

/**
 * Writes everything below the sources into `<module>.tar.gz` (or `.tar.zst`, `.tar`) and its index, as docs/format.md has
 * it. A file that changes, vanishes or can't be read is told in `changed` and never ends the archive. Nothing is flushed
 * to disk yet: sealing does that. Rejects when cancelled, or when the folder can't be written.
 */
export async function archiveSources(order: ArchiveOrder): Promise<ArchiveResult> {
  order.signal.throwIfAborted();
  const name = archiveFile(order.module, order.compression);
  const file = await open(join(order.folder, name), "wx", 0o600);
  try {
    const archive = new TarArchive({});
    const writer = createMemberWriter(file, order.compression);
    const index = createIndexWriter(join(order.folder, indexFile));
    const places: Place[] = [];
    const feeder = createFeeder(archive);
    const cutter = createEntryCutter(writer, {
      entryStarts: (place) => void places.push(place),
      consumed(entries, dataBytes) {
        for (const entry of feeder.consumed(entries, dataBytes)) {
          const place = places.shift();
          if (place === undefined) throw new Error("the archive has fewer entries than were appended");
          index.add(entry, place);
        }
        order.onProgress(feeder.progress());
      },
    });
    const piped = finished(cutter, { signal: order.signal });
    piped.catch(() => undefined); // awaited below
    archive.on("error", (error) => cutter.destroy(error));
    cutter.on("error", () => undefined); // told by `piped`
    archive.pipe(cutter);

    const reader = startReader(order, feeder);
    const read = reader.done.then(() => archive.finalize());
    const over = Promise.withResolvers<void>();
    const flushing = flushUntil(over.promise, index.flush);
    try {
      await Promise.all([Promise.all([read, piped]).finally(over.resolve), flushing]);
    } catch (error) {
      order.signal.throwIfAborted();
      throw errorCode(error) === undefined ? error : storageFailure(`can't write ${join(order.folder, name)}`, error);
    } finally {
      // Not archiver's abort(), which throws in the middle of an entry; with nothing read and nobody listening it is idle.
      await reader.stop();
      archive.unpipe(cutter);
      cutter.destroy();
    }
    const sealed = await writer.end();
    const { entries, sha256 } = await index.end();
    const counts: Counts = { ...feeder.counts(), bytesOut: sealed.bytes };
    return {
      archive: { file: name, compression: order.compression, ...sealed },
      index: { file: indexFile, sha256, entries },
      counts,
      ...reader.notes(),
    };
  } finally {
    await file.close();
  }
}

/** Writes index lines a few times a second until the archive is through, or failed. */
async function flushUntil(over: Promise<void>, flush: () => Promise<void>): Promise<void> {
  let going = true;
  void over.then(() => (going = false));
  while (going) {
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 100))]);
    await flush();
  }
}
