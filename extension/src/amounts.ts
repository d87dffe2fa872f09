import { words } from "./words.ts";

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/* Not by Intl, whose first use would keep a slow computer from the first view for a fifth of a second. */

/** `12,345`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/gu, ",");
}

/** `46 MiB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = value < 10 && unit > 0 ? String(Math.round(value * 10) / 10) : grouped(Math.round(value));
  return `${rounded} ${units[unit]}`;
}

/** `40 ms`, `1.8 s`, `1 min 5 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 module`, `2 modules`, `3 entries`. */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

const { instants } = words;
const steps = [
  { unit: "second", length: 60 },
  { unit: "minute", length: 60 },
  { unit: "hour", length: 24 },
  { unit: "day", length: 60 },
] as const;

/** `3 hours ago`, `in 8 hours`. */
export function ago(instant: string, now = Date.now()): string {
  let value = (new Date(instant).getTime() - now) / 1000;
  for (const { unit, length } of steps) {
    if (Math.abs(value) < length) return fromNow(Math.round(value), unit);
    value /= length;
  }
  return fromNow(Math.round((value * 60) / 30), "month");
}

function fromNow(value: number, unit: string): string {
  if (value === 0) return instants.now;
  if (unit === "day" && value === -1) return instants.yesterday;
  if (unit === "day" && value === 1) return instants.tomorrow;
  const amount = counted(Math.abs(value), unit);
  return value < 0 ? instants.past(amount) : instants.ahead(amount);
}

const full = once(() => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }));
const day = once(() => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" }));

/** `22 Nov 2026, 03:00`, in the viewer's zone. */
export function clock(instant: string): string {
  return full().format(new Date(instant));
}

/** `22 Nov 2026`, in the viewer's zone. */
export function dayOf(instant: string): string {
  return day().format(new Date(instant));
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** The instant that a backup's folder name stands for: `20261122T020000Z`. */
export function backupInstant(time: string): string {
  return time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z");
}
