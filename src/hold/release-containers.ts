import { setTimeout as delay } from "node:timers/promises";
import type { RunReporter } from "../contract/run-event.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import type { HeldContainer, HeldEntry, Ledger } from "./open-ledger.ts";
import { runHook } from "./run-hook.ts";

export type HoldReporter = Pick<RunReporter, "warning" | "output">;

export interface Releaser {
  docker: Docker;
  ledger: Ledger;
  reporter: HoldReporter;
}

/** How long a container is tried to be let go while the engine does not answer. */
const patienceMs = 60_000;
const retryMs = 500;

/**
 * Lets the entry's containers go, in their order, and clears the ledger; gives the time at which the last was let go. One that
 * is gone, or was let go by someone else, is left as it is. Each that was let go is taken out of the entry, so that a second
 * call does the rest only. All are tried even when one fails; then a Failure names those that are still held, and the ledger
 * keeps them.
 */
export async function releaseContainers({ docker, ledger, reporter }: Releaser, entry: HeldEntry): Promise<Date> {
  const failures: { name: string; failure: Failure }[] = [];
  const deadline = performance.now() + patienceMs;
  for (const container of entry.containers) {
    const { name } = container;
    try {
      await patiently(deadline, async () => releaseOne(docker, entry.mode, container, reporter));
    } catch (error) {
      const failure = asFailure(error);
      if (failure.kind !== "missing") {
        failures.push({ name, failure });
        continue;
      }
      reporter.warning(`the container ${name} was removed while it was held`);
    }
    entry.containers = entry.containers.filter((one) => one !== container);
    // To pause or start twice does no harm, and costs less than writing this down; a hook may be of another kind.
    if (entry.mode === "hooks" && entry.containers.length > 0)
      await ledger.write(entry).catch((error: unknown) => reporter.warning(asFailure(error).message));
  }
  const at = new Date();
  const [first] = failures;
  if (first !== undefined)
    throw stillHeld(
      entry.mode,
      first.failure,
      failures.map((one) => one.name),
    );
  await ledger.clear(entry.module);
  return at;
}

async function releaseOne(
  docker: Docker,
  mode: HeldEntry["mode"],
  { id, name, release }: HeldContainer,
  reporter: HoldReporter,
): Promise<void> {
  const { State } = await docker.inspect(id);
  if (mode === "pause" && State.Paused === true) await docker.unpause(id);
  if (mode === "stop" && !State.Running) await docker.start(id);
  if (mode !== "hooks" || release === null || release === undefined) return;
  if (!State.Running) {
    reporter.warning(`the container ${name} ended while it was held; its hook davit.exec.release was not run`);
    return;
  }
  const { limitMs, ...hook } = release;
  // A run that is cancelled has to let go all the same, so the limit alone ends it.
  const { signal } = new AbortController();
  await runHook({ docker, container: { id, name }, name: "release", hook, limitMs, reporter, signal });
}

const remedies: Readonly<Record<HeldEntry["mode"], (names: string) => string>> = {
  pause: (names) => `where they are still paused: \`docker unpause ${names}\``,
  stop: (names) => `where they are still stopped: \`docker start ${names}\``,
  hooks: (names) =>
    `until then the service in ${names} may be at rest: see what davit.exec.release is to do, and do it by hand`,
};

function stillHeld(mode: HeldEntry["mode"], first: Failure, names: readonly string[]): Failure {
  return new Failure(first.kind, `${names.join(", ")} could not be let go: ${first.message}`, {
    hint: `Davit tries again at its next start and in the module's next run; ${remedies[mode](names.join(" "))}`,
    cause: first,
  });
}

async function patiently(deadline: number, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (asFailure(error).kind !== "unreachable" || performance.now() > deadline) throw error;
    }
    await delay(retryMs);
  }
}
