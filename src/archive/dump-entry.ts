import { createHash } from "node:crypto";
import { on } from "node:events";
import { Readable } from "node:stream";
import type { DumpStream } from "../contract/archive-session.ts";
import { Failure } from "../failure/failure.ts";
import { blockSize, parseTarHeader } from "../format/parse-tar-header.ts";
import { appendEntry } from "./append-entry.ts";
import type { Position } from "./block-table.ts";
import type { BlockWriter } from "./block-writer.ts";
import { indexLine } from "./index-line.ts";
import type { ReadEntry } from "./read-message.ts";

/** A dump in the spool: its line for the index, its size, and the stretches that it consists of. */
export interface DumpEntry {
  line: string;
  size: number;
  stretches: { start: Position; end: Position }[];
}

/** Where dumps stand in an archive. */
const dumpFolder = "davit-dumps";
const plainName = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/u;

/**
 * Writes a dump into the spool. Its header comes after its content there, since only then its size is known; the archive
 * gets them in their order when the stretches are put together.
 */
export async function writeDump({ name, content }: DumpStream, writer: BlockWriter): Promise<DumpEntry> {
  if (!plainName.test(name)) throw new Failure("unsafe", `a dump can't be named ${JSON.stringify(name)}`);
  const digest = createHash("sha256");
  const contentStart = writer.cut();
  let size = 0;
  for await (const piece of content) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    digest.update(bytes);
    size += bytes.length;
    for (let at = 0; at < bytes.length; at += blockSize * 2048) {
      writer.write(bytes, at, Math.min(bytes.length, at + blockSize * 2048));
      await writer.room();
    }
  }
  writer.write(Buffer.alloc(blockSize), 0, (blockSize - (size % blockSize)) % blockSize);
  const entry: ReadEntry = {
    path: `${dumpFolder}/${name}`,
    type: "file",
    size,
    mode: 0o600,
    uid: 0,
    gid: 0,
    mtime: `${Math.floor(Date.now() / 1000)}.000000000`,
    sha256: digest.digest("hex"),
  };
  const headerStart = writer.cut();
  const headers = await headersOf(entry);
  writer.write(headers, 0, headers.length);
  const end = writer.cut();
  return {
    line: indexLine(entry),
    size,
    stretches: [
      { start: headerStart, end },
      { start: contentStart, end: headerStart },
    ],
  };
}

/** What archiver writes before an entry's content. */
async function headersOf(entry: ReadEntry): Promise<Buffer> {
  const { TarArchive } = await import("archiver");
  const archive = new TarArchive({});
  const content = new Readable({ read: () => undefined });
  if (entry.size === 0) content.push(null);
  appendEntry(archive, entry, content); // of which nothing ever comes
  let written = Buffer.alloc(0);
  for await (const [chunk] of on(archive, "data")) {
    written = Buffer.concat([written, chunk]);
    const length = headersLength(written);
    if (length !== null) {
      content.destroy();
      return written.subarray(0, length);
    }
  }
  throw new Error("archiver wrote no header");
}

/** Bytes up to the end of the first header that is not an extended one; null where they are not all there. */
function headersLength(bytes: Buffer): number | null {
  for (let at = 0; at + blockSize <= bytes.length;) {
    const header = parseTarHeader(bytes.subarray(at, at + blockSize));
    at += blockSize;
    if (header?.type !== "x") return at;
    at += Math.ceil(header.size / blockSize) * blockSize;
  }
  return null;
}
