import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { writeDurably } from "../durable/write-durably.ts";
import { errorCode, Failure } from "../failure/failure.ts";

const entry = z.strictObject({
  schedule: z.string(),
  timezone: z.string(),
  /** Up to which reading of the wall clock the schedule was looked at (milliseconds, see wallClock). */
  seen: z.number(),
  /** How often the run that was due last was begun without having ended; 0 once it ended. */
  unfinished: z.int(),
});
export type ScheduleEntry = z.infer<typeof entry>;

const content = z.strictObject({ format: z.literal(1), modules: z.record(z.string(), entry) });

/** What was due when, by module, as `<state>/schedule.json` has it. A `damaged` Failure for a file that can't be used. */
export async function readScheduleState(state: string): Promise<Map<string, ScheduleEntry>> {
  const file = fileOf(state);
  try {
    return new Map(Object.entries(content.parse(JSON.parse(await readFile(file, "utf8"))).modules));
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return new Map();
    throw new Failure("damaged", `can't read ${file}: missed runs can't be made up`, {
      hint: "nothing to do: it is written anew",
      cause: thrown,
    });
  }
}

/** Writes the file in one step. */
export async function writeScheduleState(state: string, entries: ReadonlyMap<string, ScheduleEntry>): Promise<void> {
  await writeDurably(fileOf(state), `${JSON.stringify({ format: 1, modules: Object.fromEntries(entries) })}\n`);
}

function fileOf(state: string): string {
  return path.join(state, "schedule.json");
}
