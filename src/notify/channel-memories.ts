import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { channelName } from "../contract/notification.ts";
import { failureReport } from "../contract/run-event.ts";
import { writeDurably } from "../durable/write-durably.ts";
import { errorCode, Failure } from "../failure/failure.ts";

const told = z.strictObject({
  module: z.string(),
  subject: z.enum(["settings", "backup", "verification", "drill", "data"]),
  what: z.string(),
  since: z.iso.datetime(),
  at: z.iso.datetime(),
});

const channelMemory = z.strictObject({
  told: z.record(z.string(), told),
  runsUntil: z.iso.datetime().nullable(),
  /** Why the last message was not taken, and since when none is; null where it was. */
  failure: z.strictObject({ since: z.iso.datetime(), report: failureReport }).nullable(),
});
export type ChannelMemory = z.infer<typeof channelMemory>;

const content = z.strictObject({ format: z.literal(1), channels: z.partialRecord(channelName, channelMemory) });
export type ChannelMemories = z.infer<typeof content>["channels"];

/** What each channel has told, as `<state>/notifications.json` has it. A `damaged` Failure for a file that can't be used. */
export async function readMemories(state: string): Promise<ChannelMemories> {
  const file = fileOf(state);
  try {
    return content.parse(JSON.parse(await readFile(file, "utf8"))).channels;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return {};
    throw new Failure("damaged", `can't read ${file}: what was told is told again`, {
      hint: "nothing to do: it is written anew",
      cause: thrown,
    });
  }
}

/** Writes the file in one step. */
export async function writeMemories(state: string, channels: ChannelMemories): Promise<void> {
  await writeDurably(fileOf(state), `${JSON.stringify({ format: 1, channels })}\n`);
}

function fileOf(state: string): string {
  return path.join(state, "notifications.json");
}
