import { setTimeout as delay } from "node:timers/promises";
import { isUsable, type Module } from "../contract/module.ts";
import type { HoldMode } from "../contract/settings.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { ownContainer } from "../docker/own-container.ts";
import { asFailure, Failure, withCleanup } from "../failure/failure.ts";
import { type Hold, holdModule } from "../hold/hold-module.ts";
import type { HoldReporter } from "../hold/release-containers.ts";
import type { Davit } from "./davit.ts";

export interface MachineHoldOrder {
  /** How long the whole hold may take; half of it may be spent waiting for modules that are in a run of their own. */
  leftMs: number;
  /** Aborts when nobody wants the hold any more. */
  signal: AbortSignal;
  reporter: HoldReporter;
}

/** The modules of this host at rest, for a backup of the machine that they run in. */
export interface MachineHold {
  readonly modules: readonly string[];
  /** Lets all go. Whether each had been held all the time until then; throws where one could not be let go. */
  release(): Promise<boolean>;
}

const lookEveryMs = 200;

/**
 * Holds the modules that DAVIT_AGENT_HOLD says, all at a time: paused, or by their own hooks. Either all are held when it returns, or
 * it throws (`busy` where one is in a run of its own all the time) and has let go again what it held. Each is in the ledger before it
 * is touched, and has its lock, so that no run begins meanwhile.
 */
export async function holdForMachine(davit: Davit, order: MachineHoldOrder): Promise<MachineHold> {
  const chosen = await choose(davit, order.reporter);
  const giveBack = await takeLocks(davit, chosen, order);
  try {
    const holds = await holdAll(davit, chosen, order);
    return {
      modules: chosen.map((one) => one.name),
      release: () => withCleanup(async () => releaseAll(davit, chosen, holds), giveBack),
    };
  } catch (thrown) {
    await giveBack();
    throw thrown;
  }
}

async function choose({ docker, config }: Davit, reporter: HoldReporter): Promise<Module[]> {
  const { agentHold } = config;
  if (agentHold.length === 0) return [];
  const own = await ownContainer(docker);
  const modules = (await discoverModules(docker, config))
    // Who would let it go again?
    .filter((one) => own === null || !one.containers.some(({ id }) => id === own.Id))
    .filter(isUsable);
  if (agentHold.includes("all")) return modules.filter((one) => one.settings.hold !== "live");
  for (const name of agentHold.filter((one) => !modules.some((module) => module.name === one)))
    reporter.warning(
      `DAVIT_AGENT_HOLD names ${name}, which is no module that can be held`,
      "`davit modules` lists them",
    );
  return modules.filter((one) => agentHold.includes(one.name));
}

/** Takes the module's locks, one after another, and gives what gives them back. */
async function takeLocks(
  { runs }: Davit,
  modules: readonly Module[],
  { leftMs, signal }: MachineHoldOrder,
): Promise<() => Promise<void>> {
  const until = performance.now() + leftMs / 2;
  const taken: (() => void)[] = [];
  const giveBack = async (): Promise<void> => {
    for (const letGo of taken.splice(0)) letGo();
  };
  try {
    for (const { name } of modules) {
      for (;;) {
        signal.throwIfAborted();
        const lock = await runs.takeModule(name).catch((thrown: unknown) => {
          const failure = asFailure(thrown);
          if (failure.kind !== "busy" || performance.now() > until) throw failure;
          return null;
        });
        if (lock !== null) {
          taken.push(lock);
          break;
        }
        await delay(lookEveryMs, undefined, { signal });
      }
    }
    return giveBack;
  } catch (thrown) {
    await giveBack();
    throw thrown;
  }
}

/** Holds them at the same time, each in its manner; where one can't be held, none is. */
async function holdAll(
  { docker, ledger }: Davit,
  modules: readonly Module[],
  { reporter, signal }: MachineHoldOrder,
): Promise<Hold[]> {
  const tried = await Promise.allSettled(
    modules.map(async (module) =>
      holdModule({ docker, module, ledger, mode: modeFor(module.settings.hold), reporter, signal }),
    ),
  );
  const holds = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = tried.find((one) => one.status === "rejected");
  if (failed === undefined && !signal.aborted) return holds;
  return withCleanup<Hold[]>(
    async () => {
      throw asFailure(failed?.reason ?? signal.reason);
    },
    async () => settle(holds),
  );
}

/** To stop and start again takes longer than a machine's point in time may. */
function modeFor(mode: HoldMode): HoldMode {
  return mode === "hooks" ? "hooks" : "pause";
}

async function releaseAll(davit: Davit, modules: readonly Module[], holds: readonly Hold[]): Promise<boolean> {
  // A look that fails proves nothing, and must not keep anything held.
  const held = await Promise.all(modules.map(async ({ name }) => isStillHeld(davit, name).catch(() => false)));
  await settle(holds);
  return held.every(Boolean);
}

/** Whether what the ledger has of a module is paused, or, where hooks brought it to rest, still runs. */
async function isStillHeld({ docker, ledger }: Davit, module: string): Promise<boolean> {
  const entry = await ledger.read(module);
  const states = (entry?.containers ?? []).map(async ({ id }) => (await inspectIfThere(docker, id))?.State);
  return (await Promise.all(states)).every((state) =>
    entry?.mode === "pause" ? state?.Paused === true : state?.Running === true,
  );
}

/** Lets all go, also when one can't be; then one Failure tells. */
async function settle(holds: readonly Hold[]): Promise<void> {
  const done = await Promise.allSettled(holds.map(async (one) => one.release()));
  const failures = done.flatMap((one) => (one.status === "rejected" ? [asFailure(one.reason)] : []));
  const [first] = failures;
  if (first === undefined) return;
  throw new Failure(first.kind, failures.map((one) => one.message).join("; "), {
    ...(first.hint !== undefined && { hint: first.hint }),
    cause: first,
  });
}
