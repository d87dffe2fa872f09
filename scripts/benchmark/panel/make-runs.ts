import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backupId, formatBackupTime } from "../../../src/contract/backup-id.ts";
import type { RunEvent } from "../../../src/contract/run-event.ts";
import { createDice } from "../content.ts";

const day = 86_400_000;

/** Fills a state folder with the logs of so many backup runs of each module, a day apart up to `now`, all of them done. */
export function makeRuns(state: string, modules: readonly string[], each: number, now: Date): void {
  const dice = createDice(5);
  const folder = join(state, "runs");
  mkdirSync(folder, { recursive: true });
  for (const module of modules) {
    for (let age = 0; age < each; age += 1) {
      const started = new Date(now.getTime() - age * day - dice(3_600_000));
      const time = formatBackupTime(started);
      const run = `${time}-backup-${module}-ab12`;
      const lines = eventsOf(run, module, backupId(module, time), started).map((event) => `${JSON.stringify(event)}\n`);
      writeFileSync(join(folder, `${run}.ndjson`), lines.join(""));
    }
  }
}

function eventsOf(run: string, module: string, backup: string, started: Date): RunEvent[] {
  const at = (seconds: number): string => new Date(started.getTime() + seconds * 1000).toISOString();
  return [
    { seq: 1, at: at(0), type: "started", run, kind: "backup", module, backup, trigger: "schedule" },
    { seq: 2, at: at(1), type: "stage", stage: "archive" },
    { seq: 3, at: at(20), type: "stage", stage: "hold" },
    { seq: 4, at: at(22), type: "stage", stage: "seal" },
    { seq: 5, at: at(30), type: "ended", outcome: "ok", backup, failure: null },
  ];
}
