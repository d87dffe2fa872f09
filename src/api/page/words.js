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

/** `0.8 s`, `1 min 5 s`. */
export function duration(ms) {
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

export const kinds = { backup: "Backup", restore: "Restore", undo: "Undo", verify: "Verify", prune: "Prune" };
export const outcomes = { ok: "done", failed: "failed", cancelled: "cancelled", interrupted: "interrupted" };

/** The highest rung that a backup has proved: `copied off site`, `drilled`, `verified`, `sealed`; or what did not work. */
export function proof(backup) {
  if (backup.problem !== null) return { word: backup.problem, tone: "bad" };
  const failed = backup.evidence.findLast((one) => !one.ok);
  const latest = (kind) => backup.evidence.findLast((one) => one.kind === kind);
  if (failed !== undefined && latest(failed.kind) === failed)
    return { word: `not ${failed.kind}${failed.detail === undefined ? "" : `: ${failed.detail}`}`, tone: "bad" };
  if (backup.consistent === false) return { word: "sealed, inconsistent", tone: "warn" };
  const rung = ["drilled", "verified"].find((kind) => latest(kind)?.ok === true);
  return rung === undefined ? { word: "sealed", tone: "" } : { word: rung, tone: "good" };
}
