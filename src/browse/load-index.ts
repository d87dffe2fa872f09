import { createHash } from "node:crypto";
import type { IndexEntry } from "../contract/manifest.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { checkLineCount, type IndexFile, indexPath, parseIndexLine, wholeLines } from "../format/read-index.ts";
import { entryLine } from "./entry-line.ts";
import type { IndexTable } from "./index-table.ts";
import { LineScanner } from "./line-scanner.ts";
import { viewed } from "./scan-bytes.ts";
import { TableBuilder } from "./table-builder.ts";

const newline = 10;

/**
 * Reads a backup's index into memory: about 150 bytes an entry, a million of them in a second or two. Gives way to other
 * work after each piece of some thousand lines. Throws a `damaged` Failure where the file is not what the manifest says.
 */
export async function loadIndex(source: IndexFile): Promise<IndexTable> {
  const place = indexPath(source);
  const hash = createHash("sha256");
  const builder = new TableBuilder(source.manifest.index.entries);
  const scanner = new LineScanner();
  for await (const bytes of wholeLines({ ...source, onBytes: (packed) => void hash.update(packed) })) {
    source.signal?.throwIfAborted();
    const from = viewed(bytes);
    for (let start = 0; start < bytes.length;) {
      let end = -1;
      try {
        end = scanner.scan(from, start, builder.last);
        if (end >= 0) builder.add(bytes, scanner.line, true);
        else {
          end = bytes.indexOf(newline, start);
          addParsed(builder, parseIndexLine(bytes.subarray(start, end), place));
        }
      } catch (thrown) {
        throw asFailure(thrown).message.startsWith(place) ? thrown : inLine(place, builder.lines, thrown);
      }
      start = end + 1;
    }
  }
  checkLineCount(source, builder.lines);
  if (hash.digest("hex") !== source.manifest.index.sha256)
    throw new Failure("damaged", `${place} does not have the checksum that the manifest says`, {
      hint: "browse another backup; the disk that holds this one may be failing",
    });
  return builder.finish();
}

function inLine(place: string, line: number, thrown: unknown): Failure {
  const { kind, message } = asFailure(thrown);
  return new Failure(kind, `${place} can't be browsed, line ${line + 1}: ${message}`, { cause: thrown });
}

/** Adds a line that is written in another way than Davit's usual one. */
function addParsed(builder: TableBuilder, entry: IndexEntry): void {
  const { bytes, line } = entryLine(entry, builder.last);
  builder.add(bytes, line, false);
}
