import type { Module, ModuleContainer } from "../contract/module.ts";
import type { HoldMode } from "../contract/settings.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { asFailure, Failure, withCleanup } from "../failure/failure.ts";
import { dependencyWaves } from "./dependency-waves.ts";
import type { Ledger, LedgerEntry } from "./open-ledger.ts";
import { releaseLeftHold } from "./release-left-hold.ts";
import { releaseContainers, type WarningReporter } from "./release-containers.ts";

/** A module at rest. */
export interface Hold {
  /** When the first of its containers began to be held. */
  beganAt: Date;
  /** When the last of its containers had come to rest. */
  heldAt: Date;
  /**
   * Lets all go that was held and clears the ledger; gives the time. Safe to call twice. Where a container could not be let
   * go it throws, and the ledger keeps what is still held.
   */
  release(): Promise<Date>;
}

export interface HoldRequest {
  docker: Docker;
  module: Pick<Module, "name" | "containers">;
  ledger: Ledger;
  mode: HoldMode;
  reporter: WarningReporter;
  signal: AbortSignal;
}

const defaultStopSeconds = 10;

/**
 * Brings a module to rest, in the reverse of the dependency order. Only containers that run are touched: one that is
 * stopped or paused already stays so, also after the release. What is about to be held is on disk before anything is.
 * Either all is held when it returns, or it throws and has let go again what it held. Hooks are not run yet: `hooks` pauses.
 */
export async function holdModule({ docker, module, ledger, mode, reporter, signal }: HoldRequest): Promise<Hold> {
  signal.throwIfAborted();
  await releaseLeftHold(docker, ledger, module.name, reporter);
  if (mode === "live") return nothingHeld();

  const running = await findRunning(docker, module.containers, reporter);
  const heldAs = mode === "stop" ? "stop" : "pause";
  if (heldAs === "stop") refuseVanishing(running);
  const waves = dependencyWaves(running);
  const entry: Pick<LedgerEntry, "module" | "mode" | "containers"> = {
    module: module.name,
    mode: heldAs,
    containers: waves.flat().map(({ id, name }) => ({ id, name })),
  };

  let released: Promise<Date> | null = null;
  const release = async () => {
    await releaseContainers(docker, entry, reporter);
    const at = new Date();
    await ledger.clear(module.name);
    return at;
  };
  const hold: Hold = {
    beganAt: new Date(),
    heldAt: new Date(),
    release: async () => {
      released ??= release().catch((error: unknown) => {
        released = null;
        throw error;
      });
      return released;
    },
  };
  if (entry.containers.length === 0) return nothingHeld();

  await ledger.write(entry);
  hold.beganAt = new Date();
  try {
    for (const wave of waves.toReversed()) {
      signal.throwIfAborted();
      await settleAll(wave.map(async (one) => holdOne(docker, heldAs, one, reporter)));
    }
  } catch (error) {
    return withCleanup(
      async () => {
        throw asFailure(error);
      },
      async () => {
        await hold.release();
      },
    );
  }
  hold.heldAt = new Date();
  return hold;
}

function nothingHeld(): Hold {
  const now = new Date();
  return { beganAt: now, heldAt: now, release: async () => new Date() };
}

type Running = ModuleContainer & { document: ContainerInspect };

/** A container that was made anew since discovery has another id, so is looked for by name as well. */
async function findRunning(
  docker: Docker,
  containers: readonly ModuleContainer[],
  reporter: WarningReporter,
): Promise<Running[]> {
  const running: Running[] = [];
  for (const container of containers) {
    const document = (await inspectIfThere(docker, container.id)) ?? (await inspectIfThere(docker, container.name));
    if (document === null) reporter.warning(`the container ${container.name} is not there any more`);
    else if (document.State.Running && document.State.Paused !== true)
      running.push({ ...container, id: document.Id, document });
  }
  return running;
}

function refuseVanishing(running: readonly Running[]): void {
  const vanishing = running.find(({ document }) => document.HostConfig.AutoRemove === true);
  if (vanishing === undefined) return;
  throw new Failure("config", `the container ${vanishing.name} is removed by the engine when it stops (--rm)`, {
    hint: "use davit.hold=pause, or run it without --rm",
  });
}

async function holdOne(
  docker: Docker,
  mode: LedgerEntry["mode"],
  { id, name, document }: Running,
  reporter: WarningReporter,
): Promise<void> {
  try {
    if (mode === "pause") await docker.pause(id);
    else await docker.stop(id, document.Config.StopTimeout ?? defaultStopSeconds);
  } catch (error) {
    if (!isMissing(error) && (await stillRuns(docker, id))) throw error;
    reporter.warning(`the container ${name} ended by itself before it was held`);
  }
}

/** Pausing a container that has just ended fails, but it is at rest all the same. */
async function stillRuns(docker: Docker, id: string): Promise<boolean> {
  return (await inspectIfThere(docker, id))?.State.Running === true;
}

/** Waits for all, also when one fails, so that nothing is still being held when the undo starts; then throws the first failure. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function isMissing(error: unknown): boolean {
  return error instanceof Failure && error.kind === "missing";
}
