import { join } from "node:path";
import { z } from "zod";
import { type ModuleJournal, openModuleJournal } from "../durable/open-module-journal.ts";

const stillMachine = z.strictObject({
  /** The machine's name. */
  module: z.string(),
  kind: z.enum(["pause", "freeze"]),
  /** Where libvirt is asked, and the domain's UUID: agent.yaml may have changed by the time that it is let go. */
  uri: z.string(),
  domain: z.uuid(),
  since: z.iso.datetime(),
});
export type StillMachine = z.infer<typeof stillMachine>;

/** Which machines Davit has paused or frozen, or is about to, so that they are let go even when the process dies. */
export type Stillness = ModuleJournal<StillMachine>;

/** The machines that stand still, in the state folder. */
export function openStillness(stateDir: string): Stillness {
  return openModuleJournal({
    folder: join(stateDir, "stillness"),
    schema: stillMachine,
    what: "the note of what stands still,",
    hint: "see whether the machine is paused (`virsh domstate`), resume it (`virsh resume`, `virsh domfsthaw`), and delete the file",
  });
}
