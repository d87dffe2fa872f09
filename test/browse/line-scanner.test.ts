import { describe, expect, it } from "vitest";
import { LineScanner, type LastPath } from "../../src/browse/line-scanner.ts";
import { entryTypes } from "../../src/browse/columns.ts";
import { viewed } from "../../src/browse/scan-bytes.ts";
import { parseIndexLine } from "../../src/format/read-index.ts";
import { createDice, type Dice, pick } from "./random-backup.ts";

interface Line {
  path: string;
  type: string;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: string;
  link?: string;
  sha256?: string;
  member: number;
  offset: number;
}

/** Names that JSON needs not escape. */
const names = ["a", "ab", "abcd", "photo 1.jpg", "photo 10.jpg", "Ärger", "日本", "}", ",", ":", "{"];

function randomLine(dice: Dice): Line {
  const type = pick(dice, entryTypes);
  return {
    path: Array.from({ length: 1 + dice(5) }, () => pick(dice, names)).join("/"),
    type,
    size: pick(dice, [0, 7, dice(2 ** 31), 2 ** 45 + dice(1000)]),
    mode: pick(dice, [0, 0o644, 0o755]),
    uid: pick(dice, [0, 33, 4_294_967_294]),
    gid: pick(dice, [0, 33]),
    mtime: pick(dice, ["1700000000.123456789", "0.000000000", "-1.750000000", "-0.500000000"]),
    ...(type === "symlink" || type === "hardlink" ? { link: pick(dice, ["../a", "ä/b"]) } : {}),
    ...(type === "file" ? { sha256: Array.from({ length: 64 }, () => dice(16).toString(16)).join("") } : {}),
    member: pick(dice, [0, 800_000, 3_000_000_000]),
    offset: pick(dice, [0, 512, dice(2 ** 20)]),
  };
}

function scanAll(text: string, check: (scanner: LineScanner, bytes: Buffer, start: number, end: number) => void): void {
  const bytes = Buffer.from(text);
  const scanner = new LineScanner();
  const last: LastPath = { ...viewed(new Uint8Array(4096)), length: 0, isPlain: true };
  for (let start = 0; start < bytes.length;) {
    const scanned = scanner.scan(viewed(bytes), start, last);
    check(scanner, bytes, start, scanned);
    const { pathStart, pathEnd } = scanner.line;
    if (scanned >= 0) {
      last.bytes.set(bytes.subarray(pathStart, pathEnd));
      last.length = pathEnd - pathStart;
    }
    start = bytes.indexOf(10, start) + 1;
  }
}

/** What a scanned line says, as a line is written. */
function read({ line }: LineScanner, bytes: Buffer): Line {
  const time = `${Math.abs(line.seconds)}.${String(line.nanoseconds).padStart(9, "0")}`;
  const isNegative = line.seconds < 0 || Object.is(line.seconds, -0);
  const link = bytes.toString("utf8", line.linkStart, line.linkEnd);
  return {
    path: bytes.toString("utf8", line.pathStart, line.pathEnd),
    type: entryTypes[line.type] ?? "",
    size: line.size,
    mode: line.mode,
    uid: line.uid,
    gid: line.gid,
    mtime: isNegative ? `-${time}` : time,
    ...(link === "" ? {} : { link }),
    ...(entryTypes[line.type] === "file"
      ? { sha256: Array.from(line.sha256, (word) => word.toString(16).padStart(8, "0")).join("") }
      : {}),
    member: line.member,
    offset: line.offset,
  };
}

describe("a line that is scanned", () => {
  it("says what it says when it is parsed, beside lines that are much like it", () => {
    const dice = createDice(1);
    const lines = Array.from({ length: 3000 }, () => randomLine(dice));
    let at = 0;
    scanAll(lines.map((line) => `${JSON.stringify(line)}\n`).join(""), (scanner, bytes, start, end) => {
      expect(end).toBe(bytes.indexOf(10, start));
      expect(read(scanner, bytes)).toEqual(lines[at]);
      at += 1;
    });
    expect(at).toBe(lines.length);
  });

  it("is left alone, or says what it says when it is parsed, where one character is another", () => {
    const dice = createDice(2);
    const characters = '{}":,\\-.0123456789abcdefxyz ä\u0001'.split("");
    let taken = 0;
    let left = 0;
    const lines = Array.from({ length: 5000 }, () => {
      const text = JSON.stringify(randomLine(dice));
      const place = dice(text.length);
      return dice(3) === 0 ? text : `${text.slice(0, place)}${pick(dice, characters)}${text.slice(place + 1)}`;
    });
    scanAll(`${lines.join("\n")}\n`, (scanner, bytes, start, end) => {
      if (end < 0) {
        left += 1;
        return;
      }
      taken += 1;
      expect(read(scanner, bytes)).toEqual(parseIndexLine(bytes.subarray(start, end), "index"));
    });
    expect(Math.min(taken, left)).toBeGreaterThan(1000);
  });

  it("is left alone where it is cut, wherever", () => {
    const dice = createDice(3);
    for (let round = 0; round < 20; round += 1) {
      const whole = Buffer.from(`${JSON.stringify(randomLine(dice))}\n`);
      for (let length = 0; length < whole.length; length += 1) {
        const last: LastPath = { ...viewed(new Uint8Array(4096)), length: 0, isPlain: true };
        expect(new LineScanner().scan(viewed(whole.subarray(0, length)), 0, last)).toBe(-1);
      }
    }
  });
});
