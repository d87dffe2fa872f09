import type { Counts } from "../contract/manifest.ts";
import type { Progress } from "../contract/run-event.ts";
import type { Position } from "./block-table.ts";
import type { CatalogType } from "./catalog.ts";
import type { DumpEntry } from "./dump-entry.ts";
import { mergeCatalogs } from "./merge-catalogs.ts";
import { openPlaces } from "./places.ts";
import type { EarlierPass } from "./read-message.ts";

/** A pass that is over: its catalog, the places of its entries, and how many records the catalog has. */
export interface FinishedPass extends EarlierPass {
  places: string;
  records: number;
}

/** An entry of the archive: its line for the index, up to where it lies, and the stretches of the spool that it consists of. */
interface ListedEntry {
  line: string;
  /** The content of a big file whose checksum is not in the line yet. */
  unhashed: { block: number; size: number } | null;
  stretches: readonly { start: Position; end: Position }[];
}

/** What is to be in the archive. */
export interface Listing {
  /** Every path once, as the last pass found it, in the order of the walk; then the dumps. */
  entries(): Generator<ListedEntry, void, undefined>;
  /** Of the entries that were given so far. */
  readonly counts: Omit<Counts, "bytesOut">;
}

const counted = {
  file: "files",
  directory: "directories",
  symlink: "symlinks",
  hardlink: "hardLinks",
  fifo: "fifos",
  gone: null,
} as const satisfies Record<CatalogType, keyof Counts | null>;

/** How many entries are listed between two reports of progress. */
const tellEvery = 256;

export function createListing(
  passes: readonly FinishedPass[],
  dumps: readonly DumpEntry[],
  onProgress: (now: Progress) => void,
): Listing {
  const counts = { files: 0, directories: 0, symlinks: 0, hardLinks: 0, fifos: 0, bytesIn: 0 };
  let listed = 0;

  function count(type: CatalogType, size: number): void {
    const kind = counted[type];
    if (kind !== null) counts[kind] += 1;
    counts.bytesIn += size;
    listed += 1;
    if (listed % tellEvery === 0)
      onProgress({ entries: listed, bytes: counts.bytesIn, totalEntries: null, totalBytes: null });
  }

  return {
    counts,
    *entries() {
      const merged = mergeCatalogs(passes.map((one) => one.catalog));
      const places = passes.map((one) => openPlaces(one.places));
      try {
        while (merged.next()) {
          const { record, pass, ordinal } = merged;
          const place = places[pass]?.of(ordinal);
          if (place === undefined) throw new Error("an entry comes from a pass that was not made");
          count(record.type, record.size);
          const { line, size } = record;
          const block = record.type === "file" && !hasHash(line) ? passes[pass]?.bigs.get(ordinal) : undefined;
          yield { line, stretches: [place], unhashed: block === undefined ? null : { block, size } };
        }
      } finally {
        merged.close();
        for (const one of places) one.close();
      }
      for (const { line, size, stretches } of dumps) {
        count("file", size);
        yield { line, stretches, unhashed: null };
      }
    },
  };
}

/** In a name the quotation marks would have backslashes before them. */
function hasHash(line: string): boolean {
  return line.includes(',"sha256":"');
}
