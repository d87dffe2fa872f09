import type { DoctorCheck } from "../contract/api.ts";
import type { Docker } from "../docker/connect-docker.ts";

/** Whether the engine answers, and which it is. Throws the Failure that says why it does not. */
export async function checkDocker(docker: Docker, dockerHost: string): Promise<DoctorCheck> {
  await docker.ping();
  const { version, apiVersion } = await docker.version();
  // Ping is open to everybody behind a socket proxy; this is what discovery needs.
  const containers = await docker.listContainers();
  return {
    name: "docker",
    status: "ok",
    message: `the engine at ${dockerHost} answers: Docker ${version} (API ${apiVersion}), ${containers.length} containers`,
  };
}
