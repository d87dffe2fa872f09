import type { ScannedLine } from "./line-scanner.ts";

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
/** More digits than that may be more than a number can hold. */
const mostDigits = 15;

/** What was read last; two results in an object would take longer than the reading. */
export const read = { number: 0 };

/** Where the number at `at` ends; -1 where none is that JSON has and that is exact, and for -1. */
export function passNumber(bytes: Uint8Array, at: number): number {
  const end = passDigits(bytes, at);
  const isJson = end === at + 1 || bytes[at] !== zero;
  return end > at && end - at <= mostDigits && isJson ? end : -1;
}

/** The same for a time, of which nanoseconds are nine digits. */
export function passTime(bytes: Uint8Array, at: number, line: Pick<ScannedLine, "seconds" | "nanoseconds">): number {
  if (at < 0) return -1;
  const isNegative = bytes[at] === minus;
  const end = passNumber(bytes, isNegative ? at + 1 : at);
  line.seconds = isNegative ? -read.number : read.number;
  if (end < 0 || bytes[end] !== point || passDigits(bytes, end + 1) !== end + 10) return -1;
  line.nanoseconds = read.number;
  return end + 10;
}

function passDigits(bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  let value = 0;
  let next = at;
  for (; next < bytes.length; next += 1) {
    const digit = (bytes[next] ?? 0) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  read.number = value;
  return next;
}
