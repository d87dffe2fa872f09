import type { Preview } from "../contract/browse.ts";
import type { BytePath } from "../format/byte-path.ts";
import { readEntry } from "../format/read-entry.ts";
import { entryFinder } from "./browse.ts";
import type { Davit } from "./davit.ts";
import { openBackup } from "./open-backup.ts";

const textBytes = 256 * 1024;
const imageBytes = 5 * 1024 * 1024;

/**
 * What a person can be shown of a file: the beginning of a text in UTF-8, or a whole image of a kind that every browser draws
 * and that can hold no script. What its name says does not count. What is read to its end is compared with its checksum.
 */
export async function previewFile(davit: Davit, id: string, path: BytePath, signal: AbortSignal): Promise<Preview> {
  const backup = await openBackup(davit, id);
  const { entry, content } = await readEntry({ ...backup, signal }, path, entryFinder(davit, backup, signal));
  const { size } = entry;
  const pieces: AsyncIterator<Buffer> = content[Symbol.asyncIterator]();
  try {
    const start = await readPast(pieces, textBytes);
    const mediaType = imageType(start);
    if (mediaType !== null && size > imageBytes) return { kind: "none", reason: "too-big", size };
    if (mediaType !== null) {
      const image = Buffer.concat([start, await readPast(pieces, imageBytes)]);
      return { kind: "image", mediaType, base64: image.toString("base64"), size };
    }
    const cut = size > textBytes;
    const text = textOf(start.subarray(0, textBytes), cut);
    return text === null ? { kind: "none", reason: "binary", size } : { kind: "text", text, cut, size };
  } finally {
    content.destroy();
  }
}

/** Reads on until there are more bytes than that, or no more. */
async function readPast(pieces: AsyncIterator<Buffer>, limit: number): Promise<Buffer> {
  const read: Buffer[] = [];
  let length = 0;
  while (length <= limit) {
    const next = await pieces.next();
    if (next.done === true) break;
    read.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(read);
}

/** The text; null for bytes that are none. Where it is cut, its last character may be half there, and is left out. */
function textOf(bytes: Buffer, cut: boolean): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

/** By the bytes at its start. SVG is none of them: it is a document, with scripts. */
function imageType(start: Buffer): Extract<Preview, { kind: "image" }>["mediaType"] | null {
  const begin = start.toString("latin1", 0, 12);
  if (begin.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (begin.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/u.test(begin)) return "image/gif";
  return /^RIFF[\0-\xff]{4}WEBP/u.test(begin) ? "image/webp" : null;
}
