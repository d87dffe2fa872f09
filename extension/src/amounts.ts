const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `46 MiB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
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
  return `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;
}

const steps: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [60, "day"],
  [Infinity, "month"],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `3 hours ago`, `in 8 hours`. */
export function ago(instant: string, now = Date.now()): string {
  let value = (new Date(instant).getTime() - now) / 1000;
  for (const [length, unit] of steps) {
    if (unit === "month") return relative.format(Math.round(value / 30), unit);
    if (Math.abs(value) < length) return relative.format(Math.round(value), unit);
    value /= length;
  }
  return instant;
}

const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });

/** `22 Nov 2026, 03:00`, in the viewer's zone. */
export function clock(instant: string): string {
  return full.format(new Date(instant));
}

/** `22 Nov 2026`, in the viewer's zone. */
export function dayOf(instant: string): string {
  return day.format(new Date(instant));
}

/** The instant that a backup's folder name stands for: `20261122T020000Z`. */
export function backupInstant(time: string): string {
  return time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z");
}
