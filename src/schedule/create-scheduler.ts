import { setTimeout as wait } from "node:timers/promises";
import { createTask } from "node-cron";
import type { Module } from "../contract/module.ts";
import type { RunTrigger } from "../contract/run-event.ts";
import { asFailure } from "../failure/failure.ts";
import { dueNow, isUnfinished } from "./due-now.ts";
import { readScheduleState, type ScheduleEntry, writeScheduleState } from "./schedule-state.ts";

export interface SchedulerOptions {
  /** The modules as they are now; asked each minute, so that new schedules count at once. */
  modules: () => readonly Pick<Module, "name" | "settings">[];
  /** Does a run. What it throws is logged; the schedule goes on. */
  run: (module: string, trigger: RunTrigger) => Promise<void>;
  stateDir: string;
  log: Log;
  now?: () => Date;
  /** The longest random delay before a run, so that many hosts do not start in the same second. */
  jitterMs?: number;
  /** From 0 up to 1. */
  random?: () => number;
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
 * Runs modules at their times (src/schedule/due-now.ts says which those are). A module never runs twice together: a time that
 * comes while its last run goes on is left out, with a line in the log. What was due is on disk before its run begins, so a
 * restart makes up for what was missed or cut off, and repeats nothing.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { stateDir, log, now = () => new Date(), jitterMs = 0, random = Math.random } = options;
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  let entries: Map<string, ScheduleEntry> | null = null;
  let writing = Promise.resolve();

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
  const begin = async (module: string, trigger: RunTrigger): Promise<void> => {
    let cutOff = false;
    try {
      const delay = Math.floor(random() * jitterMs);
      if (delay > 0) await wait(delay, undefined, { signal: stopping.signal });
      log.info({ module, trigger }, "run begins");
      await options.run(module, trigger);
    } catch (thrown) {
      cutOff = stopping.signal.aborted;
      if (!cutOff) log.error({ module, err: asFailure(thrown) }, "run failed");
    }
    running.delete(module);
    const entry = entries?.get(module);
    // What a stop cut off stays unfinished, and is made up for at the next start.
    if (entry === undefined || cutOff) return;
    entry.unfinished = 0;
    await save();
  };
  const look = async (): Promise<void> => {
    const first = entries === null;
    const known = (entries ??= await load());
    const due: [string, RunTrigger][] = [];
    let changed = false;
    for (const { name, settings } of options.modules()) {
      const before = known.get(name);
      const found = judge(name, settings, before);
      if (found === null) continue;
      const cutOff = isUnfinished(before) && !running.has(name);
      const trigger = found.trigger ?? (cutOff ? "catch-up" : null);
      changed ||= before === undefined || trigger !== null || found.note !== null;
      known.set(name, found.entry);
      if (trigger === null) continue;
      if (running.has(name)) {
        found.entry.unfinished = before?.unfinished ?? 0;
        log.warn({ module: name }, "left out a run: the last one still goes on");
        continue;
      }
      found.entry.unfinished = found.trigger === null ? (before?.unfinished ?? 0) + 1 : 1;
      due.push([name, trigger]);
    }
    if (changed || first) await save();
    if (stopping.signal.aborted) return;
    for (const [name, trigger] of due) running.set(name, begin(name, trigger));
  };
  const judge = (
    module: string,
    settings: Module["settings"],
    before: ScheduleEntry | undefined,
  ): ReturnType<typeof dueNow> | null => {
    try {
      const found = dueNow(settings, before, now());
      if (found.note !== null) log.info({ module }, found.note);
      return found;
    } catch (thrown) {
      log.error({ module, err: asFailure(thrown) }, "the module's schedule or zone can't be read");
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
      await Promise.all(running.values());
      await writing;
    },
  };
}
