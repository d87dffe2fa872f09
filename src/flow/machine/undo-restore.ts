import { Failure, withCleanup } from "../../failure/failure.ts";
import { planDiskUndo } from "../../machine/disk-swaps.ts";
import { findDomain } from "../../machine/find-domain.ts";
import type { FlowRequest } from "../flow-request.ts";
import { exchangeDisks, healDiskRestore } from "./exchange-disks.ts";
import type { Host } from "./host.ts";
import { recordMachineRun } from "./record-machine-run.ts";
import { type InPlaceResult, requireAtRest } from "./restore-in-place.ts";

export interface UndoRequest extends FlowRequest {
  /** Whether a machine that runs is asked to shut down, and started again afterwards; else it is refused (`busy`). */
  shutDown?: boolean;
}

/**
 * Takes back the machine's last restore in place: the disks from before come back, the restored ones are kept aside. An undo can be undone in
 * the same way. Throws `missing` where there is nothing to take back.
 */
export async function undoMachineRestore(host: Host, machine: string, request: UndoRequest): Promise<InPlaceResult> {
  return recordMachineRun(host, request, {
    kind: "undo",
    module: machine,
    work: async (reporter, signal) => {
      reporter.stage("plan");
      const last = await host.diskRestores.last(machine);
      if (last === null)
        throw new Failure("missing", `no restore in place of ${machine} is there to undo`, {
          hint: "`davit agent runs` shows what was restored",
        });
      const libvirt = { uri: last.uri, signal };
      const domain = await findDomain(libvirt, last.uuid);
      if (domain !== null) requireAtRest(machine, domain, request.shutDown ?? false);
      const swaps = await planDiskUndo(last, host.now());
      if (swaps.length === 0)
        throw new Failure("missing", `the restore of ${last.backup} had no old disks to go back to`, {
          hint: "restore another point instead",
        });
      const start = domain?.active ?? false;
      const entry = { ...last, at: host.now().toISOString(), phase: "make" as const, start, defined: false, swaps };
      await host.diskRestores.write(entry);
      return withCleanup(
        async () => {
          await exchangeDisks({ host, libvirt, entry, define: null, reporter });
          const keptAside = swaps.flatMap(({ aside }) => aside ?? []);
          return { point: last.backup, files: swaps.map(({ file }) => file), keptAside };
        },
        async () => {
          await healDiskRestore(host, machine, reporter);
        },
      );
    },
  });
}
