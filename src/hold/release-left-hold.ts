import type { Docker } from "../docker/connect-docker.ts";
import type { Ledger } from "./open-ledger.ts";
import { releaseContainers, type HoldReporter } from "./release-containers.ts";

/**
 * Lets go what a run that did not end well left held of the module. Only for who has the module's lock: nobody else holds it
 * then. Throws where a container can't be let go, and the ledger keeps it.
 */
export async function releaseLeftHold(
  docker: Docker,
  ledger: Ledger,
  module: string,
  reporter: HoldReporter,
): Promise<void> {
  const left = await ledger.read(module);
  if (left === null) return;
  reporter.warning(`${module} was still held by an earlier run, which did not end well; it is let go first`);
  await releaseContainers({ docker, ledger, reporter }, left);
}
