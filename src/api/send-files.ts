import { once } from "node:events";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Response } from "express";
import type { IndexEntry } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { attachment } from "./attachment.ts";

/** `limit` entries after the first `skip`. */
export async function pageOfFiles(
  found: AsyncIterable<IndexEntry>,
  { skip, limit }: { skip: number; limit: number },
): Promise<{ entries: IndexEntry[]; more: boolean }> {
  const entries: IndexEntry[] = [];
  let seen = 0;
  for await (const entry of found) {
    seen += 1;
    if (seen <= skip) continue;
    if (entries.length === limit) return { entries, more: true };
    entries.push(entry);
  }
  return { entries, more: false };
}

/** Answers with one line an entry, at the client's pace. */
export async function streamFiles(
  found: AsyncIterable<IndexEntry>,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  const lines = Readable.from(asLines(found), { objectMode: false });
  await firstBytes(lines, signal);
  response.type("application/x-ndjson");
  await sendStream([lines], response, signal);
}

async function* asLines(found: AsyncIterable<IndexEntry>): AsyncGenerator<Buffer> {
  for await (const entry of found) yield Buffer.from(`${JSON.stringify(entry)}\n`);
}

/**
 * Answers with a file's content, to be saved and never shown: whatever is in it, the browser runs nothing. Where reading
 * fails, be it at the very end where the checksum is compared, the connection breaks: a part or a damaged file never looks
 * whole.
 */
export async function sendFile(
  { entry, content }: { entry: IndexEntry; content: Readable },
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  const sound = Readable.from(lastOnceEnded(content), { objectMode: false });
  await firstBytes(sound, signal);
  response.set(headersFor(entry.path.split("/").at(-1) ?? "", "application/octet-stream"));
  if (entry.type === "file") response.set("Content-Length", String(entry.size));
  await sendStream([sound], response, signal);
}

/**
 * Answers with a tar archive, compressed, to be saved. Where reading fails, the connection breaks, so that a part never looks
 * whole.
 */
export async function sendArchive(
  { name, tar }: { name: string; tar: AsyncIterable<Buffer> },
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  const plain = Readable.from(tar, { objectMode: false });
  await firstBytes(plain, signal);
  response.set(headersFor(`${name}.tar.gz`, "application/gzip"));
  // Quickly rather than small: it is on its way to somebody who waits.
  await sendStream([plain, createGzip({ level: 1 })], response, signal);
}

function headersFor(name: string, type: string): Record<string, string> {
  return {
    "Content-Type": type,
    "Content-Disposition": attachment(name),
    "Content-Security-Policy": "default-src 'none'; sandbox",
  };
}

/** The same pieces, but the last only once nothing failed. */
async function* lastOnceEnded(content: Readable): AsyncGenerator<unknown> {
  let last: unknown = null;
  for await (const piece of content) {
    if (last !== null) yield last;
    last = piece;
  }
  if (last !== null) yield last;
}

async function sendStream(streams: [Readable, ...Duplex[]], response: Response, signal: AbortSignal): Promise<void> {
  try {
    await pipeline([...streams, response], { signal });
  } catch (thrown) {
    if (signal.aborted && !(thrown instanceof Failure)) throw clientGone(thrown);
    throw thrown;
  }
}

function clientGone(cause: unknown): Failure {
  return new Failure("cancelled", "the client went away, or Davit stops", { cause });
}

/** Waits until a stream has something to say, so that one that fails at once still gets a proper answer. */
async function firstBytes(stream: Readable, signal: AbortSignal): Promise<void> {
  if (stream.errored !== null) throw stream.errored;
  if (stream.readableLength > 0 || stream.readableEnded) return;
  try {
    await once(stream, "readable", { signal });
  } catch (thrown) {
    stream.destroy();
    if (signal.aborted) throw clientGone(thrown);
    throw thrown;
  }
}
