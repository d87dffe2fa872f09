import { finished } from "node:stream/promises";
import type { PassKind, PassResult } from "../contract/archive-session.ts";
import type { Progress } from "../contract/run-event.ts";
import type { BlockWriter } from "./block-writer.ts";
import { createEntryCutter } from "./entry-cutter.ts";
import { createFeeder } from "./feeder.ts";
import { createPlaces } from "./places.ts";
import type { Cloned, EarlierPass } from "./read-message.ts";
import type { PassRead, PreparedReader } from "./prepare-reader.ts";

export interface PassOrder {
  kind: PassKind;
  /** Ends with the pass. */
  reader: PreparedReader;
  /** The file that takes the places of the entries, in the order of the catalog. */
  places: string;
  writer: BlockWriter;
  signal: AbortSignal;
  /** Told once all was cloned, if that was ordered. */
  onCloned(cloned: Cloned): void;
  onProgress(now: Progress): void;
}

/**
 * One pass: the reading thread reads what is new or has changed, archiver makes tar of it, and that goes to the writer in
 * blocks. Resolves once all of it was read and handed over, which may be before it is on the disk.
 */
export async function readPass(
  order: PassOrder,
): Promise<PassRead & Omit<PassResult, "ms"> & Pick<EarlierPass, "bigs">> {
  const { kind, reader, places: placesFile, writer, signal } = order;
  // Loaded here, since most verbs archive nothing.
  const { TarArchive } = await import("archiver");
  const archive = new TarArchive({});
  const places = createPlaces(placesFile);
  const feeder = createFeeder(archive);
  const bigs = new Map<number, number>();
  const cutter = createEntryCutter(writer, {
    entryStarts: (position) => places.add(position),
    bigStarts: (entry, block) => void bigs.set(entry, block),
    earlierBlock: feeder.earlierBlock,
    consumed(entries, dataBytes) {
      feeder.consumed(entries, dataBytes);
      order.onProgress({ ...feeder.progress(), totalEntries: null, totalBytes: null });
    },
  });
  const piped = finished(cutter, { signal });
  piped.catch(() => undefined); // awaited below
  archive.on("error", (error) => cutter.destroy(error));
  cutter.on("error", () => undefined); // told by `piped`
  archive.pipe(cutter);
  try {
    const [result] = await Promise.all([
      reader.run(kind, feeder, order.onCloned).then(async (done) => {
        await archive.finalize();
        return done;
      }),
      piped,
    ]);
    places.add(writer.cut());
    return { ...result, ...feeder.progress(), bigs };
  } finally {
    // Not archiver's abort(), which throws in the middle of an entry; with nothing read and nobody listening it is idle.
    await reader.stop();
    archive.unpipe(cutter);
    cutter.destroy();
    places.end();
  }
}
