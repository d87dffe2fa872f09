import type { IndexEntry } from "../contract/manifest.ts";
import { type BytePath, isUtf8 } from "../format/byte-path.ts";
import { entryLink, entryPath } from "../format/read-index.ts";

const letters = { file: "-", directory: "d", symlink: "l", hardlink: "h", fifo: "p" } as const;

/** One entry as `ls -l` has it: `-rw-r--r-- 1000:1000 5120 2026-11-22 03:00:00 /opt/docker/volumes/nas/notes`. */
export function describeEntry(entry: IndexEntry, wallTime: (ms: number) => string): string {
  const owner = `${entry.uid}:${entry.gid}`.padEnd(11);
  const size = String(entry.size).padStart(12);
  const name = `/${shownName(entryPath(entry))}`;
  return `${letters[entry.type]}${permissions(entry.mode)} ${owner} ${size} ${modified(entry, wallTime)} ${name}${target(entry)}`;
}

function target(entry: IndexEntry): string {
  if (entry.type === "symlink") return ` -> ${shownName(entryLink(entry))}`;
  return entry.type === "hardlink" ? ` link to /${shownName(entryLink(entry))}` : "";
}

function permissions(mode: number): string {
  const bits = [0o400, 0o200, 0o100, 0o040, 0o020, 0o010, 0o004, 0o002, 0o001];
  const shown = bits.map((bit, at) => ((mode & bit) === 0 ? "-" : ("rwx"[at % 3] ?? "")));
  const special = [
    { bit: 0o4000, at: 2, letter: "s" },
    { bit: 0o2000, at: 5, letter: "s" },
    { bit: 0o1000, at: 8, letter: "t" },
  ];
  for (const { bit, at, letter } of special)
    if ((mode & bit) !== 0) shown[at] = shown[at] === "-" ? letter.toUpperCase() : letter;
  return shown.join("");
}

/** Years from 0 to 9999 as a date; what a broken clock made of others as seconds since 1970. */
function modified({ mtime }: IndexEntry, wallTime: (ms: number) => string): string {
  const seconds = Math.floor(Number(mtime));
  return seconds > -62_167_000_000 && seconds < 253_402_000_000 ? wallTime(seconds * 1000) : `@${seconds}`.padStart(19);
}

/** A name as `tar -t` shows it: what would disturb a terminal, and bytes that are not UTF-8, as a backslash and a number. */
function shownName(name: BytePath): string {
  if (plain.test(name)) return name;
  const bytes = Buffer.from(name, "latin1");
  if (!isUtf8(name)) return [...bytes].map((byte) => (byte < 0x80 ? shown(byte) : octal(byte))).join("");
  const text = bytes.toString("utf8");
  return text.replace(/[\p{Cc}\\]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => (byte < 0x80 ? shown(byte) : octal(byte))).join(""),
  );
}

const plain = /^[ -[\]-~]*$/u;
const named: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\" };

function shown(byte: number): string {
  const character = String.fromCharCode(byte);
  return named[character] ?? (plain.test(character) ? character : octal(byte));
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}
