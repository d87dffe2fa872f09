import type { RunSummary } from "../contract/run-event.ts";
import { type Subject, type Trouble, troubleKey, type Troubles } from "./find-troubles.ts";

/** A trouble that people were told of, as it is remembered. */
interface Told {
  module: string;
  subject: Subject;
  /** By which it is seen whether the trouble has changed. */
  what: string;
  /** When it was told first, and last. */
  since: string;
  at: string;
}

/** What one channel has told. */
export interface Memory {
  told: Readonly<Record<string, Told>>;
  /** Up to when good runs were told; null where they are not. */
  runsUntil: string | null;
}

export interface News {
  /** New, or changed. */
  begun: Trouble[];
  /** Told a day ago, and still so. */
  still: (Trouble & { since: string })[];
  over: Pick<Told, "module" | "subject">[];
  /** Runs that went well. */
  done: RunSummary[];
}

const dayMs = 86_400_000;
const toldKinds = new Set(["backup", "verify", "drill"]);
const longestMemory = 500;

export interface Present {
  troubles: Troubles;
  /** Newest first. */
  runs: readonly RunSummary[];
  now: Date;
  /** Whether good runs are told as well. */
  all: boolean;
}

/**
 * What a channel has to tell, given what it told before, and what it remembers once that is told. The same trouble comes again
 * after a day, or when it changes; figures that differ are no change. Pure.
 */
export function decideNews(before: Memory, { troubles, runs, now, all }: Present): { news: News; after: Memory } {
  const at = now.toISOString();
  const news: News = { begun: [], still: [], over: [], done: [] };
  const told: Record<string, Told> = {};
  const isOld = (one: Told): boolean => now.getTime() - Date.parse(one.at) >= dayMs;
  for (const trouble of troubles.found) {
    const key = troubleKey(trouble);
    const { module, subject } = trouble;
    const known = before.told[key];
    const what = fingerprint(trouble);
    if (known === undefined || known.what !== what) {
      news.begun.push(trouble);
      told[key] = { module, subject, what, since: known?.since ?? at, at };
    } else if (isOld(known)) {
      news.still.push({ ...trouble, since: known.since });
      told[key] = { ...known, at };
    } else told[key] = known;
  }
  for (const [key, known] of Object.entries(before.told)) {
    if (told[key] !== undefined) continue;
    if (!troubles.open.has(key)) {
      // Of a module that nobody has any more there is nothing to say.
      if (troubles.names.has(known.module)) news.over.push({ module: known.module, subject: known.subject });
    } else if (!isOld(known)) told[key] = known;
  }
  const until = before.runsUntil;
  if (all && until !== null) news.done = runs.filter((run) => isDone(run, until)).toReversed();
  return { news, after: { told, runsUntil: all ? latest(runs, until ?? at) : null } };
}

export function isSilent({ begun, still, over, done }: News): boolean {
  return begun.length + still.length + over.length + done.length === 0;
}

function isDone({ kind, outcome, ended }: RunSummary, until: string): boolean {
  return toldKinds.has(kind) && outcome === "ok" && ended !== null && ended > until;
}

/** Not now: a run may end while the others are looked through. */
function latest(runs: readonly RunSummary[], until: string): string {
  return runs.reduce((newest, { ended }) => (ended !== null && ended > newest ? ended : newest), until);
}

/** The id of a backup, a count, a time: all that differs each day though the trouble is the same. */
function fingerprint({ state, because }: Trouble): string {
  return `${state} ${because ?? ""}`.replaceAll(/\d+/gu, "#").slice(0, longestMemory);
}
