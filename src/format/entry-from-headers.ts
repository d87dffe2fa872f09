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

/** What Linux takes: bytes of a name, and of a path or a link's target. */
const maxName = 255;
const maxPath = 4095;
/** The id above it means "leave as it is" to the kernel. */
const maxId = 2 ** 32 - 2;

/** Lays pax records over a ustar header. `stored` is how many bytes of data follow in the archive. */
export function entryFromHeaders(
  header: TarHeader,
  records: Map<BytePath, Buffer>,
): { entry: TarEntry; stored: number } {
  const sparse = text(records, "GNU.sparse.major") === "1" && text(records, "GNU.sparse.minor") === "0";
  const name = (sparse ? text(records, "GNU.sparse.name") : undefined) ?? text(records, "path") ?? header.name;
  const path = safePath(name);
  const type = types.get(header.type);
  if (header.type === "3" || header.type === "4")
    throw new Failure("unsafe", `the archive holds a device node, which no backup does: ${toDisplay(name)}`);
  if (type === undefined)
    throw new Failure("damaged", `the archive holds an entry of unknown type: ${toDisplay(name)}`);
  const number = (key: string, largest = Number.MAX_SAFE_INTEGER): number | undefined =>
    decimal(records, key, largest, name);
  const stored = number("size") ?? header.size;
  if (stored > 0 && type !== "file")
    throw new Failure("damaged", `the archive holds data for an entry that has none: ${toDisplay(name)}`);
  if (sparse && type !== "file")
    throw new Failure("damaged", `the archive holds a sparse entry that is no file: ${toDisplay(name)}`);
  const link = text(records, "linkpath") ?? header.link;
  const isLink = type === "symlink" || type === "hardlink";
  if (isLink && (link === "" || link.includes("\0") || (type === "symlink" && link.length > maxPath)))
    throw new Failure("damaged", `the archive holds a link with a target that can't be: ${toDisplay(name)}`);
  const entry: TarEntry = {
    path,
    type,
    mode: header.mode & 0o7777,
    uid: number("uid", maxId) ?? header.uid,
    gid: number("gid", maxId) ?? header.gid,
    mtime: parseTime(text(records, "mtime") ?? String(header.mtime), name),
    link: type === "hardlink" ? safePath(link) : type === "symlink" ? link : "",
    size: sparse ? (number("GNU.sparse.realsize") ?? 0) : stored,
    xattrs: xattrsOf(records, name),
    regions: sparse ? [] : null,
  };
  return { entry, stored };
}

/** The path of an entry, without a slash at its end. Throws `unsafe` for one that could lead out of the restored tree. */
function safePath(name: BytePath): BytePath {
  if (name.length > maxPath) throw tooLong(name);
  const path = name.replace(/\/+$/u, "");
  const parts = path.split("/");
  if (path === "" || parts.some((part) => part === "" || part === "." || part === ".."))
    throw new Failure("unsafe", `the archive holds a name that leads out of the restored tree: ${toDisplay(name)}`);
  if (path.includes("\0")) throw new Failure("unsafe", `the archive holds a name with a NUL in it: ${toDisplay(name)}`);
  if (parts.some((part) => part.length > maxName)) throw tooLong(name);
  return path;
}

function tooLong(name: BytePath): Failure {
  return new Failure("damaged", `the archive holds a name that is too long: ${toDisplay(name.slice(0, maxName))}…`);
}

/** Seconds and nanoseconds of a decimal time as pax has it; may be negative. */
function parseTime(value: string, name: BytePath): TarEntry["mtime"] {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,9})\d*)?$/u.exec(value);
  if (match === null) throw new Failure("damaged", `the archive holds a time that can't be read: ${toDisplay(name)}`);
  const seconds = Number(match[2]);
  const nanoseconds = Number((match[3] ?? "").padEnd(9, "0"));
  if (match[1] === "") return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: -seconds, nanoseconds: 0 }
    : { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds };
}

function xattrsOf(records: Map<BytePath, Buffer>, name: BytePath): Map<BytePath, Buffer> {
  const found = new Map<BytePath, Buffer>();
  for (const [key, value] of records) {
    if (!key.startsWith(xattrPrefix)) continue;
    const attribute = key.slice(xattrPrefix.length);
    if (attribute === "" || attribute.includes("\0"))
      throw new Failure("damaged", `the archive holds an attribute with a name that can't be: ${toDisplay(name)}`);
    // Copied: a directory's attributes are kept until the end, and must not keep the piece of the archive they came in.
    found.set(attribute, Buffer.from(value));
  }
  return found;
}

function text(records: Map<BytePath, Buffer>, key: string): BytePath | undefined {
  return records.get(key)?.toString("latin1");
}

function decimal(records: Map<BytePath, Buffer>, key: string, largest: number, name: BytePath): number | undefined {
  const value = text(records, key);
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (!/^\d{1,16}$/u.test(value) || parsed > largest)
    throw new Failure("damaged", `the archive holds a ${key} that can't be: ${toDisplay(name)}`);
  return parsed;
}
