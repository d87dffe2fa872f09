import type { Docker } from "../docker/connect-docker.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { twinLabel } from "../docker/twin-spec.ts";

/** Removes the twins that ended after the Davit that had started them was gone. Those that still work are left alone. */
export async function removeEndedTwins(docker: Docker): Promise<void> {
  for (const id of await docker.containersWith(twinLabel)) {
    const twin = await inspectIfThere(docker, id);
    if (twin !== null && !twin.State.Running) await docker.removeContainer(id);
  }
}
