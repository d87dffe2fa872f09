import { parseBackupTime } from "../contract/backup-id.ts";
import { type Anomaly, type Evidence, unansweredAnomalies } from "../contract/manifest.ts";
import type { KeepRules } from "../contract/settings.ts";
import { wallClock } from "../contract/wall-clock.ts";
import { isFuture } from "../contract/is-future.ts";
import { type Period, periodOf } from "./period-of.ts";

/** What rotation looks at of a backup. */
export interface Rotated {
  id: string;
  time: string;
  problem: string | null;
  evidence: readonly Evidence[];
  manifest: { anomalies?: Anomaly[] | undefined } | null;
}

export interface RotationDecision {
  id: string;
  keep: boolean;
  /** For a person: the rules that keep it, or why it goes. */
  reason: string;
}

/**
 * Which of one module's backups to keep, each with the reason, newest first. Pure: the same input gives the same answer.
 *
 * Counts keep the newest backup of each period, in the module's zone; periods without a backup do not count. Always kept,
 * and not counted: backups dated in the future (the clock was set back), backups that can't be read, and those whose last
 * verification failed, since a person should look first. Never removed: the newest backup, the newest that was verified,
 * the newest that was drilled. So a module never ends with none. Nor is any backup removed that is as old as one with an
 * unanswered anomaly, or older: it may be the last that is whole.
 */
export function decideRotation(
  backups: readonly Rotated[],
  rules: KeepRules,
  now: Date,
  zone: string,
): RotationDecision[] {
  const sorted = backups.toSorted((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
  const reasons = new Map<string, string[]>(sorted.map((backup) => [backup.id, setAside(backup, now)]));
  const counted = sorted.filter((backup) => reasons.get(backup.id)?.length === 0);
  const keep = (backup: Rotated | undefined, reason: string): void => {
    if (backup !== undefined) reasons.get(backup.id)?.push(reason);
  };

  keep(counted[0], "the newest");
  keep(
    counted.find((backup) => passed(backup, "verified")),
    "the newest verified",
  );
  keep(
    counted.find((backup) => passed(backup, "drilled")),
    "the newest drilled",
  );
  if (Object.values(rules).every((value) => value === undefined)) {
    for (const backup of counted) keep(backup, "no rule says what to remove");
  }
  for (const backup of counted.slice(0, rules.last ?? 0)) keep(backup, "last");
  const clock = wallClock(zone);
  for (const period of periods) {
    for (const backup of newestOfEach(counted, period, rules[period] ?? 0, clock)) keep(backup, period);
  }
  const { withinSeconds } = rules;
  if (withinSeconds !== undefined) {
    const since = now.getTime() - withinSeconds * 1000;
    for (const backup of counted) if (parseBackupTime(backup.time).getTime() >= since) keep(backup, "within");
  }
  const odd = sorted.findIndex((backup) => unansweredAnomalies(backup).length > 0);
  for (const backup of odd < 0 ? [] : sorted.slice(odd)) {
    const own = unansweredAnomalies(backup).length > 0;
    keep(backup, own ? "its anomaly is unanswered" : `older than the unanswered anomaly of ${sorted[odd]?.time}`);
  }
  return sorted.map(({ id }) => {
    const why = reasons.get(id) ?? [];
    return { id, keep: why.length > 0, reason: why.length > 0 ? why.join(", ") : "no rule keeps it" };
  });
}

const periods: readonly Period[] = ["hourly", "daily", "weekly", "monthly", "yearly"];

function setAside(backup: Rotated, now: Date): string[] {
  if (backup.problem !== null) return [`can't be judged: ${backup.problem}`];
  if (isFuture(backup.time, now)) return ["dated in the future: the clock was set back"];
  if (lastOf(backup, "verified")?.ok === false) return ["its last verification failed: look at it first"];
  return [];
}

function passed(backup: Rotated, kind: Evidence["kind"]): boolean {
  return lastOf(backup, kind)?.ok === true;
}

// Evidence is appended, so the last line is the latest whatever the clock said.
function lastOf(backup: Rotated, kind: Evidence["kind"]): Evidence | undefined {
  return backup.evidence.findLast((one) => one.kind === kind);
}

function newestOfEach(
  newestFirst: readonly Rotated[],
  period: Period,
  count: number,
  clock: (instant: Date) => number,
): Rotated[] {
  const found = new Map<string, Rotated>();
  for (const backup of newestFirst) {
    const key = periodOf(parseBackupTime(backup.time), period, clock);
    if (found.has(key)) continue;
    if (found.size >= count) break;
    found.set(key, backup);
  }
  return [...found.values()];
}
