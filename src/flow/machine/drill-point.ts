import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, realpath, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { RunReporter } from "../../contract/run-event.ts";
import { asFailure, Failure, withCleanup } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { bootMachine, type BootOutcome } from "../../machine/boot/boot-machine.ts";
import { removeBoot } from "../../machine/boot/remove-boot.ts";
import { describeBoot } from "../../machine/describe-boot.ts";
import { damageOf, type Fingerprint, fingerprintChain } from "../../machine/fingerprint-chain.ts";
import { domainFile } from "../../machine/point-files.ts";
import type { PlacedPoint } from "../../machine/verify-chain.ts";
import type { FlowRequest } from "../flow-request.ts";
import { findMachine } from "./find-machine.ts";
import type { Host } from "./host.ts";
import { type DrillFound, keepDrillEvidence } from "./keep-drill-evidence.ts";
import { placeChain } from "./place-chain.ts";
import { recordMachineRun } from "./record-machine-run.ts";

export interface PointDrillResult {
  point: string;
  /** From the machine's start until it was well. */
  ms: number;
  /** What showed that it is well. */
  detail: string;
  /** How the drill differs from the machine, and what its proof lacks. */
  findings: string[];
  /** The picture of its screen, a PNG. */
  screenshot: string | null;
}

interface DrillContext {
  host: Host;
  id: string;
  machine: string;
  run: string;
  reporter: RunReporter;
  signal: AbortSignal;
}

/**
 * Proves a point: boots it, apart from everything, and asks it whether it is well. The evidence is written down, of a failure as
 * well, with a picture of its screen. The backup's files are only read, and compared before and after. When this returns or
 * throws, nothing of the drill is left but its evidence.
 */
export async function drillPoint(host: Host, name: string, request: FlowRequest): Promise<PointDrillResult> {
  const { id, machine } = await host.vault.resolve(name);
  return recordMachineRun(host, request, {
    kind: "drill",
    module: machine,
    backup: id,
    work: (reporter, signal, run) => drill({ host, id, machine, run, reporter, signal }),
  });
}

async function drill(context: DrillContext): Promise<PointDrillResult> {
  const { host, id, machine, run, reporter, signal } = context;
  const { settings } = findMachine(host, machine);
  reporter.stage("compare");
  const points = await placeChain(host, id);
  const before = await fingerprint(context, points);
  const damage = await damageOf(points, before);

  const folder = await scratchOf(host);
  await host.drills.write({ format: 1, module: machine, run, folder });
  return withCleanup(
    async () => {
      reporter.stage("plan");
      await makeScratch(folder);
      const found: DrillFound = { failure: null, outcome: null, findings: [] };
      try {
        const xml = await readFile(join(host.vault.folder(id), domainFile), "utf8");
        const { machine: described, findings } = await describeBoot(points, xml, settings.drill.memoryMiB);
        found.findings.push(...findings);
        reporter.stage("boot");
        const { check, timeoutSeconds } = settings.drill;
        found.outcome = await bootMachine({
          machine: described,
          folder,
          check,
          timeoutMs: timeoutSeconds * 1000,
          mostBytes: await mayWrite(host.config.scratch),
          signal,
        });
      } catch (thrown) {
        // What was cancelled breaks off in many ways.
        if (signal.aborted) throw asFailure(signal.reason);
        // Of a damaged point it is known already that it is no good, whatever kept it from being booted.
        if (damage === null) throw thrown;
      }
      reporter.stage("compare");
      const after = await fingerprint(context, points);
      found.failure = judge(id, found.outcome, damage, changed(before, after));
      const screenshot = await keepDrillEvidence(context, found);
      if (found.failure !== null) throw found.failure;
      const { ms = 0, reason = "" } = found.outcome ?? {};
      return { point: id, ms, detail: reason, findings: found.findings, screenshot };
    },
    async () => {
      await removeBoot(host.drills, machine);
    },
  );
}

async function fingerprint({ reporter, signal }: DrillContext, points: readonly PlacedPoint[]): Promise<Fingerprint> {
  const disks = points.flatMap(({ point }) => point.manifest?.disks ?? []);
  const totalBytes = disks.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytes = 0;
  return fingerprintChain(points, signal, (more) => {
    bytes += more;
    reporter.progress({ entries: 0, bytes, totalEntries: null, totalBytes });
  });
}

/** The first file that is not as it was, or null. */
function changed(before: Fingerprint, after: Fingerprint): string | null {
  for (const file of new Set([...before.keys(), ...after.keys()]))
    if (before.get(file) !== after.get(file)) return file;
  return null;
}

function judge(id: string, outcome: BootOutcome | null, damage: string | null, touched: string | null): Failure | null {
  if (touched !== null)
    return new Failure("unsafe", `${touched} changed while ${id} was drilled`, {
      hint: "a drill only reads: see who else writes into the vault, then verify the chain",
    });
  const boot =
    outcome === null
      ? "it could not be booted"
      : outcome.well
        ? `it booted all the same: ${outcome.reason}`
        : outcome.reason;
  if (damage !== null)
    return new Failure("damaged", `${damage}; ${boot}`, {
      hint: "restore a point of another chain, and begin a new one with a full; the disk that holds this one may be failing",
    });
  if (outcome === null || outcome.well) return null;
  return new Failure("failed", `${id} does not boot: ${outcome.reason}`, {
    hint: "look at the picture beside the point; an earlier point may boot, and `davit agent restore` has it under a new name",
  });
}

/** Short, since the path of a socket may have no more than 107 bytes. */
async function scratchOf({ config }: Host): Promise<string> {
  try {
    await mkdir(config.scratch, { recursive: true, mode: 0o711 });
    return join(await realpath(config.scratch), `drill-${randomBytes(4).toString("hex")}`);
  } catch (thrown) {
    throw storageFailure(`can't work in ${config.scratch}`, thrown);
  }
}

/** A folder that QEMU, which has no rights of Davit's, can come through to its own in it. */
async function makeScratch(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o711 });
    await chmod(folder, 0o711);
  } catch (thrown) {
    throw storageFailure(`can't make ${folder}`, thrown);
  }
}

const mostWritten = 4 * 1024 ** 3;
const leastWritten = 256 * 1024 ** 2;

/** What a machine may write while it boots, so that it can't fill the host. */
async function mayWrite(scratch: string): Promise<number> {
  const { bavail, bsize } = await statfs(scratch);
  const half = Math.floor((bavail * bsize) / 2);
  if (half < leastWritten)
    throw new Failure("storage", `${scratch} has less than ${(2 * leastWritten) / 1024 ** 2} MiB left`, {
      hint: "free some space, or set scratch in agent.yaml to a folder of another file system",
    });
  return Math.min(mostWritten, half);
}
