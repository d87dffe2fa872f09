import { join } from "node:path";
import { z } from "zod";
import { type ModuleJournal, openModuleJournal } from "../durable/open-module-journal.ts";

const madeThing = z.strictObject({
  kind: z.enum(["network", "volume", "container"]),
  name: z.string(),
  /** Null until the engine said that it is made. */
  id: z.string().nullable(),
  /** When the engine was asked to make it. */
  at: z.iso.datetime(),
});
export type MadeThing = z.infer<typeof madeThing>;

const recreateEntry = z.strictObject({
  format: z.literal(1),
  module: z.string(),
  backup: z.string(),
  /** What was made on the engine, in this order; the last one perhaps not yet. */
  made: z.array(madeThing),
  /** Host paths, none of which was there, at which data comes in. */
  paths: z.array(z.string()),
});
export type RecreateEntry = z.infer<typeof recreateEntry>;

/** What a module's recovery has made so far, so that it is taken back even when its process dies. */
export type RecreateJournal = ModuleJournal<RecreateEntry>;

/** The journal in the state folder. */
export function openRecreateJournal(stateDir: string): RecreateJournal {
  return openModuleJournal({
    folder: join(stateDir, "recreations"),
    schema: recreateEntry,
    what: "the journal",
    hint: "see which containers, networks and volumes of the module are half made, remove them, and delete the file",
  });
}
