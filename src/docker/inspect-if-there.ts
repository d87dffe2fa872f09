import { Failure } from "../failure/failure.ts";
import type { Docker } from "./connect-docker.ts";
import type { ContainerInspect } from "./container-inspect.ts";

/** A container by id or name; null where there is none. */
export async function inspectIfThere(docker: Docker, id: string): Promise<ContainerInspect | null> {
  try {
    return await docker.inspect(id);
  } catch (error) {
    if (error instanceof Failure && error.kind === "missing") return null;
    throw error;
  }
}
