import { setTimeout as delay } from "node:timers/promises";
import type { Module } from "../contract/module.ts";
import type { HoldMode, ModuleSettings } from "../contract/settings.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { asFailure, Failure, withCleanup } from "../failure/failure.ts";
import { dependencyWaves } from "./dependency-waves.ts";
import { findRunning, type Running } from "./find-running.ts";
import { holdByHooks } from "./hold-by-hooks.ts";
import type { HeldEntry, Ledger } from "./open-ledger.ts";
import { releaseLeftHold } from "./release-left-hold.ts";
import { releaseContainers, type HoldReporter } from "./release-containers.ts";

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
  module: Pick<Module, "name" | "containers"> & { settings: Pick<ModuleSettings, "holdTimeoutSeconds"> };
  ledger: Ledger;
  mode: HoldMode;
  reporter: HoldReporter;
  signal: AbortSignal;
}

const defaultStopSeconds = 10;
const mostTries = 5;
const retryMs = 100;

/**
 * Brings a module to rest, in the reverse of the dependency order. Only containers that run are touched: one that is
 * stopped or paused already stays so, also after the release. What is about to be held is on disk before anything is.
 * Either all is held when it returns, or it throws and has let go again what it held. With `hooks` those containers are held
 * that have a hook for it.
 */
export async function holdModule(request: HoldRequest): Promise<Hold> {
  const { docker, module, ledger, reporter, signal } = request;
  const mode = request.mode === "snapshot" ? "pause" : request.mode; // it is only shorter
  signal.throwIfAborted();
  await releaseLeftHold(docker, ledger, module.name, reporter);
  if (mode === "live") return nothingHeld();

  const running = await findRunning(docker, module.containers, reporter);
  if (mode === "stop") refuseVanishing(running);
  const waves = dependencyWaves(running);
  const all = mode === "hooks" ? [] : waves.flat().map(({ id, name }) => ({ id, name }));
  const entry: HeldEntry = { module: module.name, mode, containers: all };

  let released: Promise<Date> | null = null;
  const release = async () => releaseContainers({ docker, ledger, reporter }, entry);
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
  if (running.length === 0) return nothingHeld();

  try {
    if (mode !== "hooks") await ledger.write(entry);
    hold.beganAt = new Date();
    if (mode === "hooks") await holdByHooks(request, waves.flat().toReversed(), entry);
    else await holdWaves(request, mode, waves.toReversed());
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

function refuseVanishing(running: readonly Running[]): void {
  const vanishing = running.find(({ document }) => document.HostConfig.AutoRemove === true);
  if (vanishing === undefined) return;
  throw new Failure("config", `the container ${vanishing.name} is removed by the engine when it stops (--rm)`, {
    hint: "use davit.hold=pause, or run it without --rm",
  });
}

async function holdWaves(
  { docker, reporter, signal }: HoldRequest,
  mode: "pause" | "stop",
  waves: readonly Running[][],
): Promise<void> {
  for (const wave of waves) {
    signal.throwIfAborted();
    await settleAll(wave.map(async (one) => holdOne(docker, mode, one, reporter)));
  }
}

async function holdOne(
  docker: Docker,
  mode: "pause" | "stop",
  { id, name, document }: Running,
  reporter: HoldReporter,
): Promise<void> {
  try {
    if (mode === "pause") await pause(docker, id);
    else await docker.stop(id, document.Config.StopTimeout ?? defaultStopSeconds);
  } catch (error) {
    if (!isMissing(error) && (await stillRuns(docker, id))) throw error;
    reporter.warning(`the container ${name} ended by itself before it was held`);
  }
}

/** Freezing processes that start others all the time can fail by chance, so it is tried a few times. */
async function pause(docker: Docker, id: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await docker.pause(id);
      return;
    } catch (error) {
      const byChance = asFailure(error).kind === "failed" && tries < mostTries && (await stillRuns(docker, id));
      if (!byChance) throw error;
    }
    await delay(retryMs);
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
