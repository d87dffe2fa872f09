import type { Docker } from "../docker/connect-docker.ts";
import { asFailure } from "../failure/failure.ts";
import { isAlive } from "./holder.ts";
import { openLedger } from "./open-ledger.ts";
import { releaseContainers, type WarningReporter } from "./release-containers.ts";

/**
 * Lets go whatever a process that is gone had held, and gives the names of those modules. What a living process holds stays
 * held. One module that can't be let go is told as a warning, keeps its ledger, and is no hindrance to the others.
 */
export async function releaseLeftHolds(docker: Docker, stateDir: string, reporter: WarningReporter): Promise<string[]> {
  const ledger = openLedger(stateDir);
  const released: string[] = [];
  for (const module of await ledger.list()) {
    try {
      const entry = await ledger.read(module);
      if (entry === null || isAlive(entry.holder)) continue;
      await releaseContainers(docker, entry, reporter);
      await ledger.clear(module);
      released.push(module);
    } catch (error) {
      const failure = asFailure(error);
      reporter.warning(failure.message, failure.hint);
    }
  }
  return released;
}
