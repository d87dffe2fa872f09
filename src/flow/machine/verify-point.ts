import { asFailure } from "../../failure/failure.ts";
import { type ChainResult, verifyChain } from "../../machine/verify-chain.ts";
import { createPace } from "../../verify/pace.ts";
import type { FlowRequest } from "../flow-request.ts";
import type { Host } from "./host.ts";
import { placeChain } from "./place-chain.ts";
import { recordMachineRun } from "./record-machine-run.ts";

export interface PointVerifyManner {
  /** Bytes a second that are read at most; 0, or nothing, for no limit. */
  rate?: number;
  /** Whether it ends as soon as another run wants the machine. */
  givesWay?: boolean;
}

export interface PointVerifyResult extends ChainResult {
  point: string;
  /** The points that were found sound: this one, and those that it builds on. */
  sound: string[];
}

/**
 * Reads a point and all that it builds on again, compares every checksum, and writes down the evidence: for each point that is
 * sound, and against the first that is not and those that build on it, unless the disk could not be read or someone cancelled.
 */
export async function verifyPoint(
  host: Host,
  name: string,
  request: FlowRequest,
  { rate = 0, givesWay = false }: PointVerifyManner = {},
): Promise<PointVerifyResult> {
  const { id, machine } = await host.vault.resolve(name);
  return recordMachineRun(host, request, {
    kind: "verify",
    module: machine,
    backup: id,
    givesWay,
    work: async (reporter, signal) => {
      reporter.stage("verify");
      let since = host.now().getTime();
      const evidence = async (point: string, ok: boolean, detail?: string): Promise<void> => {
        const now = host.now();
        const ms = Math.max(0, now.getTime() - since);
        since = now.getTime();
        const more = detail === undefined ? {} : { detail };
        const record = { kind: "verified" as const, at: now.toISOString(), ok, ms, ...more };
        await host.vault.appendEvidence(point, record).catch((error: unknown) => {
          const { message, hint } = asFailure(error);
          reporter.warning(`what was found of ${point} can't be written down: ${message}`, hint);
        });
      };
      const sound: string[] = [];
      const points = await placeChain(host, id);
      try {
        const result = await verifyChain({
          points,
          signal,
          pace: createPace(rate, signal),
          onProgress: (now) => reporter.progress(now),
          onSound: async (one) => {
            sound.push(one);
            await evidence(one, true);
          },
        });
        return { ...result, point: id, sound };
      } catch (thrown) {
        // What breaks off because it was told to says nothing about the backup.
        if (signal.aborted) throw asFailure(signal.reason);
        const failure = asFailure(thrown);
        if (failure.kind === "damaged")
          for (const { point } of points)
            if (!sound.includes(point.id)) await evidence(point.id, false, failure.message);
        throw failure;
      }
    },
  });
}
