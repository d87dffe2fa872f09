import { join } from "node:path";
import type { PointSummary } from "../../contract/machine.ts";
import { pointId } from "../../contract/machine.ts";
import type { RunReporter } from "../../contract/run-event.ts";
import { asFailure, Failure, withCleanup } from "../../failure/failure.ts";
import { exchangeRolledUp, healRollUp, removeReplaced } from "../../machine/exchange-rolled-up.ts";
import { makeSyntheticFull } from "../../machine/make-synthetic-full.ts";
import { type RollUpEntry, rollUpFolders } from "../../machine/open-roll-up-journal.ts";
import { planRollUp, type RollUpPlan } from "../../machine/plan-roll-up.ts";
import { verifyChain } from "../../machine/verify-chain.ts";
import type { Host } from "./host.ts";
import { placeChain } from "./place-chain.ts";

/** A roll-up that was done, or is to be. */
export interface RolledUp {
  /** The point that is a full of its own now. */
  point: string;
  /** Those that it was built on, which are gone. */
  replaced: string[];
}

interface RollUpContext {
  host: Host;
  machine: string;
  reporter: RunReporter;
  signal: AbortSignal;
}

/** What would be rolled up of a machine's chains now. */
export function planRollUps(points: readonly PointSummary[], mostIncrements: number | null): RollUpPlan[] {
  if (mostIncrements === null) return [];
  const chains = [...Map.groupBy(points, (point) => point.chain).values()];
  return chains.flatMap((chain) => planRollUp(chain, mostIncrements) ?? []);
}

/**
 * Makes the point at which a chain is cut a full of its own, and removes those that it was built on. It has the same name as before, so
 * that nothing that builds on it is touched. Before anything is removed the new full is compared with the old point, and read again;
 * when this throws, or is cut off and healed, every point is there.
 */
export async function rollUpChain(context: RollUpContext, { cut, replaced }: RollUpPlan): Promise<RolledUp> {
  const { host, machine, reporter, signal } = context;
  const { vault } = host;
  const { manifest } = cut;
  if (manifest === null) throw new Failure("damaged", `${cut.id} has no manifest`);
  reporter.stage("verify");
  // What is copied from a damaged point would have good checksums.
  await verifyChain({ points: await placeChain(host, cut.id), signal, onProgress: (now) => reporter.progress(now) });
  await requireRoom(host, cut);

  const { chain, time } = cut;
  const { making, made } = rollUpFolders(join(vault.dir, machine, chain), time);
  const entry = { format: 1 as const, module: machine, chain, cut: time, replaced: replaced.map((one) => one.time) };
  await host.rollUps.write({ ...entry, phase: "make" });
  return withCleanup(
    async () => {
      reporter.stage("roll-up");
      const { compress } = host.config.machines.find((one) => one.name === machine)?.settings ?? { compress: false };
      const point = vault.folder(cut.id);
      await makeSyntheticFull({ point, manifest, making, made, compress, now: host.now(), signal });
      await host.rollUps.write({ ...entry, phase: "exchange" });
      await exchangeRolledUp(join(vault.dir, machine, chain), time);
      await verifyNew(context, cut.id);
      await host.rollUps.write({ ...entry, phase: "remove" });
      return { point: cut.id, replaced: replaced.map((one) => one.id) };
    },
    async () => {
      await healLeftRollUp(host, machine);
    },
  );
}

/** Ends a roll-up of the machine that was cut off; gives what was done, null where there was none. */
export async function healLeftRollUp(host: Host, machine: string): Promise<"undone" | "finished" | null> {
  const { vault, rollUps } = host;
  return healRollUp(rollUps, machine, join(vault.dir, machine), async ({ chain, cut, replaced }: RollUpEntry) => {
    await removeReplaced(join(vault.dir, machine, chain), cut);
    for (const time of replaced.toReversed())
      await vault.remove(pointId(machine, chain, time)).catch((error: unknown) => {
        if (asFailure(error).kind !== "missing") throw error;
      });
  });
}

async function verifyNew({ host, reporter, signal }: RollUpContext, id: string): Promise<void> {
  reporter.stage("verify");
  const started = host.now();
  const points = await placeChain(host, id);
  await verifyChain({ points, signal, onProgress: (now) => reporter.progress(now) });
  const at = host.now();
  const ms = Math.max(0, at.getTime() - started.getTime());
  await host.vault.appendEvidence(id, { kind: "verified", at: at.toISOString(), ok: true, ms });
}

/** A full takes no more than all that it is made of, and the room that its disks' tables need. */
async function requireRoom(host: Host, cut: PointSummary): Promise<void> {
  const points = await placeChain(host, cut.id);
  const bytes = points.flatMap(({ point }) => point.manifest?.disks ?? []).reduce((sum, disk) => sum + disk.bytes, 0);
  const free = await host.vault.freeBytes();
  if (free > bytes) return;
  const mib = (count: number): string => `${Math.ceil(count / 1024 ** 2)} MiB`;
  throw new Failure("storage", `${host.vault.dir} has ${mib(free)} left, and the roll-up takes up to ${mib(bytes)}`, {
    hint: "free some space, or lower the machine's keep, so that whole chains go",
  });
}
