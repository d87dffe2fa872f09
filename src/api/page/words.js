const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `46 MiB`. */
export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

const steps = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [Infinity, "day"],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `3 hours ago`, `in 8 hours`. */
export function ago(instant) {
  let value = (new Date(instant).getTime() - Date.now()) / 1000;
  for (const [size, unit] of steps) {
    if (Math.abs(value) < size) return relative.format(Math.round(value), unit);
    value /= size;
  }
  return instant;
}

const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** `22 Nov 2026, 03:00`, in the reader's zone. */
export function clock(instant) {
  return full.format(new Date(instant));
}

/** The instant in a backup's id. */
export function backupInstant(time) {
  return time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z");
}

/** `40 ms`, `0.8 s`, `1 min 5 s`. */
export function duration(ms) {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 module`, `2 modules`. */
export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

const keeps = {
  last: "the last",
  hourly: "hourly",
  daily: "daily",
  weekly: "weekly",
  monthly: "monthly",
  yearly: "yearly",
};

/** `the last 7, 7 daily, 4 weekly`. */
export function keeping(rules) {
  const parts = Object.entries(keeps)
    .filter(([name]) => rules[name] > 0)
    .map(([name, word]) => (name === "last" ? `${word} ${rules.last}` : `${rules[name]} ${word}`));
  if (rules.withinSeconds !== undefined)
    parts.push(`all of ${counted(Math.round(rules.withinSeconds / 86_400), "day")}`);
  return parts.join(", ");
}

export const kinds = {
  backup: "Backup",
  restore: "Restore",
  undo: "Undo",
  recreate: "Recreate",
  verify: "Verify",
  drill: "Drill",
  prune: "Prune",
  copy: "Copy",
};
export const outcomes = { ok: "done", failed: "failed", cancelled: "cancelled", interrupted: "interrupted" };

/** `about 2 min left`, at the rate since `first`; null where nothing can be said yet. */
export function remaining(first, { at, bytes, totalBytes }) {
  const rate = (bytes - first.bytes) / (new Date(at) - new Date(first.at));
  if (!(totalBytes > bytes) || !(rate > 0) || !Number.isFinite(rate)) return null;
  const seconds = (totalBytes - bytes) / rate / 1000;
  if (seconds < 60) return "less than 1 min left";
  return seconds < 3600 ? `about ${Math.round(seconds / 60)} min left` : `about ${Math.round(seconds / 3600)} h left`;
}

/** The newest evidence of a kind. */
export function latest({ evidence }, kind) {
  return evidence.findLast((one) => one.kind === kind);
}

/** The evidence that speaks against a backup: of its kind the newest, and not ok. Null for none. */
export function failedProof(backup) {
  return backup.evidence.findLast((one) => !one.ok && latest(backup, one.kind) === one) ?? null;
}

/** `recovered in 12 s`, as the last drill measured it; null where there was none that went well. */
export function recovery(backup) {
  const drilled = latest(backup, "drilled");
  return drilled?.ok === true ? `recovered in ${duration(drilled.ms)}` : null;
}
