import { asFailure } from "../failure/failure.ts";
import { verifyBackup as readAgain, type VerifyResult } from "../verify/verify-backup.ts";
import { backupId } from "../contract/backup-id.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { recordRun } from "./record-run.ts";

export interface VerifyManner {
  /** Bytes a second that are read at most; 0, or nothing, for no limit. */
  rate?: number;
  /** Whether it ends, without evidence, as soon as another run wants the module. */
  givesWay?: boolean;
}

/**
 * Reads a backup again, compares every checksum, and writes down the evidence: of a failure as well, unless the disk could
 * not be read or someone cancelled. `damaged` where a checksum differs.
 */
export async function verifyBackup(
  davit: Davit,
  name: string,
  request: FlowRequest,
  { rate = 0, givesWay = false }: VerifyManner = {},
): Promise<VerifyResult> {
  const found = await davit.vault.resolve(name);
  const id = backupId(found.module, found.time);
  return recordRun(davit, request, {
    kind: "verify",
    module: found.module,
    backup: id,
    givesWay,
    work: async (reporter, signal) => {
      reporter.stage("verify");
      const started = davit.now();
      const evidence = (ok: boolean, detail?: string): Promise<void> =>
        davit.vault.appendEvidence(id, {
          kind: "verified",
          at: davit.now().toISOString(),
          ok,
          ms: Math.max(0, davit.now().getTime() - started.getTime()),
          ...(detail === undefined ? {} : { detail }),
        });
      try {
        const result = await readAgain({
          folder: davit.vault.folder(id),
          signal,
          rate,
          onProgress: (now) => reporter.progress(now),
        });
        await evidence(true).catch((error: unknown) => {
          const { message, hint } = asFailure(error);
          reporter.warning(`${id} is sound, but that can't be written down: ${message}`, hint);
        });
        return result;
      } catch (thrown) {
        // What breaks off because it was told to says nothing about the backup.
        if (signal.aborted) throw asFailure(signal.reason);
        const failure = asFailure(thrown);
        if (isVerdict(failure.kind)) {
          await evidence(false, failure.message).catch((error: unknown) => {
            reporter.warning(`what was found can't be written down: ${asFailure(error).message}`);
          });
        }
        throw failure;
      }
    },
  });
}

function isVerdict(kind: string): boolean {
  return kind === "damaged" || kind === "missing" || kind === "unsafe";
}
