import { join } from "node:path";
import { indexEntry, type IndexEntry, type Manifest } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { type BytePath, fromText } from "./byte-path.ts";
import { openMembers, type Watch } from "./open-members.ts";

export interface IndexFile {
  folder: string;
  manifest: Pick<Manifest, "index">;
  signal?: AbortSignal | undefined;
  /** Sees the index file's bytes. */
  onBytes?: Watch;
}

/** The index of a sealed backup. */
export interface IndexSource extends IndexFile {
  manifest: Manifest;
}

/** A line may have this many bytes; a path has at most 4096, four of which JSON may need six each. */
const maxLine = 256 * 1024;

/**
 * The lines of a backup's index, in the archive's order, in constant memory. `ordinal` counts them from 0 and is the
 * entry's place in the archive. With `wanted`, a line that it denies is counted and not parsed, which is ten times quicker.
 */
export async function* readIndex(
  source: IndexFile,
  wanted?: (line: Buffer) => boolean,
): AsyncGenerator<{ entry: IndexEntry; ordinal: number }, void, undefined> {
  let ordinal = 0;
  for await (const bytes of wholeLines(source)) {
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const line = bytes.subarray(start, end);
      if (wanted === undefined || wanted(line)) yield { entry: parseIndexLine(line, indexPath(source)), ordinal };
      ordinal += 1;
      start = end + 1;
    }
  }
  checkLineCount(source, ordinal);
}

/**
 * A backup's index in pieces of whole lines, each of which holds its bytes only until the next one is asked for. Throws
 * `damaged` where it ends within one.
 */
export async function* wholeLines(source: IndexFile): AsyncGenerator<Buffer, void, undefined> {
  const file = indexPath(source);
  let rest: Buffer = Buffer.alloc(0);
  const { signal } = source;
  for await (const chunk of openMembers({ file, type: "gzip", signal, brief: true, ...onBytesOf(source) })) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(10) + 1;
    if (end > 0) yield bytes.subarray(0, end);
    rest = Buffer.from(bytes.subarray(end));
    if (rest.length > maxLine) throw new Failure("damaged", `${file} has a line that is too long`);
  }
  if (rest.length > 0) throw new Failure("damaged", `${file} ends in the middle of a line`);
}

/** Throws `damaged` where an index has more or fewer lines than its manifest says. */
export function checkLineCount(source: IndexFile, lines: number): void {
  const { entries } = source.manifest.index;
  if (lines === entries) return;
  throw new Failure("damaged", `${indexPath(source)} has ${lines} lines where the manifest says ${entries}`);
}

/** Where the index of a backup lies. */
export function indexPath({ folder, manifest }: IndexFile): string {
  return join(folder, manifest.index.file);
}

/** An index entry's path as bytes. */
export function entryPath(entry: IndexEntry): BytePath {
  return entry.path64 === undefined ? fromText(entry.path) : Buffer.from(entry.path64, "base64").toString("latin1");
}

/** An index entry's link target as bytes; empty where it has none. */
export function entryLink(entry: IndexEntry): BytePath {
  if (entry.link64 !== undefined) return Buffer.from(entry.link64, "base64").toString("latin1");
  return fromText(entry.link ?? "");
}

function onBytesOf(source: IndexFile): { onBytes?: Watch } {
  return source.onBytes === undefined ? {} : { onBytes: source.onBytes };
}

/** The entry that a line of the index `file` stands for. Throws `damaged` for one that is none. */
export function parseIndexLine(line: Buffer, file: string): IndexEntry {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.toString("utf8"));
  } catch (thrown) {
    throw new Failure("damaged", `${file} has a line that is not JSON`, { cause: thrown });
  }
  const checked = indexEntry.safeParse(parsed);
  if (!checked.success) throw new Failure("damaged", `${file} has a line that is no entry`, { cause: checked.error });
  const { path, path64, link, link64 } = checked.data;
  if (!isShown(path64, path) || !isShown(link64, link))
    throw new Failure("damaged", `${file} has a line whose name and base64 name disagree: ${path}`);
  return checked.data;
}

/** Whether `text` is what a person sees of the name in base64. */
function isShown(base64: string | undefined, text: string | undefined): boolean {
  return base64 === undefined || Buffer.from(base64, "base64").toString("utf8") === text;
}
