import { setTimeout as wait } from "node:timers/promises";
import { createTask } from "node-cron";
import type { RunTrigger } from "../contract/run-event.ts";
import { asFailure } from "../failure/failure.ts";
import { dueNow, isUnfinished } from "./due-now.ts";
import { type Job, jobKey } from "./jobs-of.ts";
import { readScheduleState, type ScheduleEntry, writeScheduleState } from "./schedule-state.ts";

export interface SchedulerOptions<K extends string = Job["kind"]> {
  /** The modules' jobs as they are now; asked each minute, so that new schedules count at once. */
  jobs: () => readonly Job<K>[];
  /** Does a run. What it throws is logged; the schedule goes on. */
  run: (job: Job<K>, trigger: RunTrigger) => Promise<void>;
  /** Whether a job of a module does what another kind would do that is due in the same minute. That one then waits, and is left out unless the first fails. */
  covers?: (kind: K, other: K) => boolean;
  stateDir: string;
  log: Log;
  now?: () => Date;
  /** The longest random delay before a run, so that many hosts do not start in the same second. */
  jitterMs?: number;
  /** From 0 up to 1. */
  random?: () => number;
}

interface Begun<K extends string> {
  job: Job<K>;
  /** In which look it was due. */
  look: number;
  /** Whether it went well. */
  done: Promise<boolean>;
}

interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Scheduler {
  /** Makes up for what was missed, then looks each minute. */
  start(): Promise<void>;
  /** Looks once what is due, begins it, and waits for none of it. */
  look(): Promise<void>;
  /** Begins nothing more; fulfilled when all that was begun has ended. Who wants that soon cancels the runs. */
  stop(): Promise<void>;
}

/**
 * Runs jobs at their times (src/schedule/due-now.ts says which those are). A job never runs twice together: a time that comes
 * while its last run goes on is left out, with a line in the log. Of two kinds for one module the later one waits. What was due is on disk before its run begins, so a
 * restart makes up for what was missed or cut off, and repeats nothing.
 */
export function createScheduler<K extends string>(options: SchedulerOptions<K>): Scheduler {
  const { stateDir, log, covers = () => false, now = () => new Date(), jitterMs = 0, random = Math.random } = options;
  const stopping = new AbortController();
  const running = new Map<string, Begun<K>>();
  let entries: Map<string, ScheduleEntry> | null = null;
  let writing = Promise.resolve();
  let looks = 0;

  const save = (): Promise<void> => {
    const copy = new Map(entries);
    writing = writing
      .then(() => writeScheduleState(stateDir, copy))
      // Better a backup that may be repeated after a restart than none.
      .catch((thrown: unknown) => log.error({ err: asFailure(thrown) }, "can't write down what was due"));
    return writing;
  };
  const load = async (): Promise<Map<string, ScheduleEntry>> => {
    try {
      return await readScheduleState(stateDir);
    } catch (thrown) {
      log.error({ err: asFailure(thrown) }, "the schedule begins anew");
      return new Map();
    }
  };
  const begin = async (
    job: Job<K>,
    { trigger, look, before }: { trigger: RunTrigger; look: number; before: readonly Begun<K>[] },
  ): Promise<boolean> => {
    const { kind, module } = job;
    let cutOff = false;
    let ok = false;
    try {
      const ended = await Promise.all(before.map((one) => one.done));
      stopping.signal.throwIfAborted();
      if (before.some((one, at) => ended[at] === true && one.look === look && covers(one.job.kind, kind))) {
        log.info({ kind, module }, "left out a run: another that was due with it did its work");
        return true;
      }
      const delay = Math.floor(random() * jitterMs);
      if (delay > 0) await wait(delay, undefined, { signal: stopping.signal });
      log.info({ kind, module, trigger }, "run begins");
      await options.run(job, trigger);
      ok = true;
    } catch (thrown) {
      cutOff = stopping.signal.aborted;
      if (!cutOff) log.error({ kind, module, err: asFailure(thrown) }, "run failed");
    } finally {
      running.delete(jobKey(job));
      // What a stop cut off stays unfinished, and is made up for at the next start.
      const entry = cutOff ? undefined : entries?.get(jobKey(job));
      if (entry !== undefined) {
        entry.unfinished = 0;
        await save();
      }
    }
    return ok;
  };
  const look = async (): Promise<void> => {
    const first = entries === null;
    const known = (entries ??= await load());
    const due: [Job<K>, RunTrigger][] = [];
    let changed = false;
    for (const job of options.jobs()) {
      const { kind, module } = job;
      const key = jobKey(job);
      const before = known.get(key);
      const found = judge(job, before);
      if (found === null) continue;
      const cutOff = isUnfinished(before) && !running.has(key);
      const trigger = found.trigger ?? (cutOff ? "catch-up" : null);
      changed ||= before === undefined || trigger !== null || found.note !== null;
      known.set(key, found.entry);
      if (trigger === null) continue;
      if (running.has(key)) {
        found.entry.unfinished = before?.unfinished ?? 0;
        log.warn({ kind, module }, "left out a run: the last one still goes on");
        continue;
      }
      found.entry.unfinished = found.trigger === null ? (before?.unfinished ?? 0) + 1 : 1;
      due.push([job, trigger]);
    }
    if (changed || first) await save();
    if (stopping.signal.aborted) return;
    looks += 1;
    for (const [job, trigger] of due) {
      const before = [...running.values()].filter((one) => one.job.module === job.module);
      running.set(jobKey(job), { job, look: looks, done: begin(job, { trigger, look: looks, before }) });
    }
  };
  const judge = (job: Job<K>, before: ScheduleEntry | undefined): ReturnType<typeof dueNow> | null => {
    const { kind, module } = job;
    try {
      const found = dueNow(job, before, now());
      if (found.note !== null) log.info({ kind, module }, found.note);
      return found;
    } catch (thrown) {
      log.error({ kind, module, err: asFailure(thrown) }, "the module's schedule or zone can't be read");
      return null;
    }
  };
  // In UTC, where every minute exists; what the modules' own zones say is reckoned in dueNow.
  const ticks = createTask("* * * * *", look, { timezone: "UTC", noOverlap: true, suppressMissedWarning: true });
  return {
    start: async () => {
      await look();
      await ticks.start();
    },
    look,
    stop: async () => {
      stopping.abort();
      await ticks.destroy();
      await Promise.all([...running.values()].map((one) => one.done));
      await writing;
    },
  };
}
