import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
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
  await sendStream(lines, response, signal);
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
  response.set({
    "Content-Type": "application/octet-stream",
    "Content-Disposition": attachment(entry.path.split("/").at(-1) ?? ""),
    "Content-Security-Policy": "default-src 'none'; sandbox",
  });
  if (entry.type === "file") response.set("Content-Length", String(entry.size));
  await sendStream(sound, response, signal);
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

async function sendStream(stream: Readable, response: Response, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(stream, response, { signal });
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
