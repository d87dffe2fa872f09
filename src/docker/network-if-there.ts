import { Failure } from "../failure/failure.ts";
import type { Docker } from "./connect-docker.ts";
import type { NetworkInspect } from "./networks.ts";

/** A network by id or name; null where there is none. */
export async function networkIfThere(docker: Docker, id: string): Promise<NetworkInspect | null> {
  try {
    return await docker.inspectNetwork(id);
  } catch (error) {
    if (error instanceof Failure && error.kind === "missing") return null;
    throw error;
  }
}
