import { Failure } from "../failure/failure.ts";
import { type BytePath, toDisplay } from "./byte-path.ts";
import type { TarHeader } from "./parse-tar-header.ts";
import type { TarEntry } from "./tar-entry.ts";

const types = new Map<string, TarEntry["type"]>([
  ["0", "file"],
  ["\0", "file"],
  ["1", "hardlink"],
  ["2", "symlink"],
  ["5", "directory"],
  ["6", "fifo"],
]);

const xattrPrefix = "SCHILY.xattr.";

/** Lays pax records over a ustar header. `stored` is how many bytes of data follow in the archive. */
export function entryFromHeaders(
  header: TarHeader,
  records: Map<BytePath, Buffer>,
): { entry: TarEntry; stored: number } {
  const sparse = text(records, "GNU.sparse.major") === "1" && text(records, "GNU.sparse.minor") === "0";
  const name = (sparse ? text(records, "GNU.sparse.name") : undefined) ?? text(records, "path") ?? header.name;
  const type = types.get(header.type);
  if (header.type === "3" || header.type === "4")
    throw new Failure("unsafe", `the archive holds a device node, which no backup does: ${toDisplay(name)}`);
  if (type === undefined)
    throw new Failure("damaged", `the archive holds an entry of unknown type: ${toDisplay(name)}`);
  const path = safePath(name);
  const stored = decimal(records, "size") ?? header.size;
  if (stored > 0 && type !== "file")
    throw new Failure("damaged", `the archive holds data for an entry that has none: ${toDisplay(name)}`);
  if (sparse && type !== "file")
    throw new Failure("damaged", `the archive holds a sparse entry that is no file: ${toDisplay(name)}`);
  const link = text(records, "linkpath") ?? header.link;
  if ((type === "symlink" || type === "hardlink") && (link === "" || link.includes("\0")))
    throw new Failure("damaged", `the archive holds a link with a target that can't be: ${toDisplay(name)}`);
  const entry: TarEntry = {
    path,
    type,
    mode: header.mode & 0o7777,
    uid: decimal(records, "uid") ?? header.uid,
    gid: decimal(records, "gid") ?? header.gid,
    mtime: parseTime(text(records, "mtime") ?? String(header.mtime)),
    link: type === "hardlink" ? safePath(link) : type === "symlink" ? link : "",
    size: sparse ? (decimal(records, "GNU.sparse.realsize") ?? 0) : stored,
    xattrs: xattrsOf(records),
    regions: sparse ? [] : null,
  };
  return { entry, stored };
}

/** The path of an entry, without a slash at its end. Throws `unsafe` for one that could lead out of the restored tree. */
function safePath(name: BytePath): BytePath {
  const path = name.replace(/\/+$/u, "");
  const parts = path.split("/");
  if (path === "" || parts.some((part) => part === "" || part === "." || part === ".."))
    throw new Failure("unsafe", `the archive holds a name that leads out of the restored tree: ${toDisplay(name)}`);
  if (path.includes("\0")) throw new Failure("unsafe", `the archive holds a name with a NUL in it: ${toDisplay(name)}`);
  return path;
}

/** Seconds and nanoseconds of a decimal time as pax has it; may be negative. */
function parseTime(value: string): TarEntry["mtime"] {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,9})\d*)?$/u.exec(value);
  if (match === null) throw new Failure("damaged", "the archive holds a time that can't be read");
  const seconds = Number(match[2]);
  const nanoseconds = Number((match[3] ?? "").padEnd(9, "0"));
  if (match[1] === "") return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: -seconds, nanoseconds: 0 }
    : { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds };
}

function xattrsOf(records: Map<BytePath, Buffer>): Map<BytePath, Buffer> {
  const found = new Map<BytePath, Buffer>();
  for (const [key, value] of records) if (key.startsWith(xattrPrefix)) found.set(key.slice(xattrPrefix.length), value);
  return found;
}

function text(records: Map<BytePath, Buffer>, key: string): BytePath | undefined {
  return records.get(key)?.toString("latin1");
}

function decimal(records: Map<BytePath, Buffer>, key: string): number | undefined {
  const value = text(records, key);
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (!/^\d{1,16}$/u.test(value) || !Number.isSafeInteger(parsed))
    throw new Failure("damaged", `the archive holds a number that can't be: ${key}`);
  return parsed;
}
