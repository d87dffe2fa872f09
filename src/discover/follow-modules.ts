import type { Config } from "../config/config.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { asFailure, type Failure } from "../failure/failure.ts";
import { type Discovered, discoverHost } from "./discover-modules.ts";

/** What a container does without its module becoming another one. */
const ofNoConcern = /^(?:exec_|health_status|top|attach|detach|resize|export|commit|copy|archive-path|extract-to-dir)/u;

/**
 * Calls `onChange` with what the host has at once, and again after every change of the host's containers, until `signal` aborts.
 * Changes that come while discovery runs are taken up by one more discovery. While the engine does not answer, the last
 * picture stays and `onProblem` is told; the connection is made again by itself.
 */
export async function followModules(
  docker: Docker,
  config: Config,
  onChange: (found: Discovered) => void,
  signal: AbortSignal,
  onProblem: (failure: Failure) => void = () => undefined,
): Promise<void> {
  let wanted = false;
  let busy: Promise<void> | null = null;

  async function discover(): Promise<void> {
    while (wanted && !signal.aborted) {
      wanted = false;
      try {
        const found = await discoverHost(docker, config);
        if (!signal.aborted) onChange(found);
      } catch (error) {
        onProblem(asFailure(error));
      }
    }
    busy = null;
  }

  for await (const event of docker.events(signal)) {
    if (event.kind === "lost") {
      onProblem(event.failure);
      continue;
    }
    if (event.kind === "container" && ofNoConcern.test(event.action)) continue;
    wanted = true;
    busy ??= discover();
  }
  await busy;
}
