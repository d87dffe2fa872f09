import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Docker } from "./connect-docker.ts";
import type { ContainerInspect } from "./container-inspect.ts";
import { inspectIfThere } from "./inspect-if-there.ts";
import { isDavit } from "./is-davit.ts";

/** The container that this process runs in; null where it runs in none, or in none of this engine. */
export async function ownContainer(docker: Docker): Promise<ContainerInspect | null> {
  for (const id of candidateIds(readOr("/proc/self/cgroup"), readOr("/proc/self/mountinfo"), hostname())) {
    const found = await inspectIfThere(docker, id);
    // Whoever borrows a network has the files of its owner in /etc, so an id alone proves nothing.
    if (found !== null && found.Id.startsWith(id) && found.State.Running && isDavit(found)) return found;
  }
  return null;
}

/** Ids that may be this process's container, the surest first. */
export function candidateIds(cgroup: string, mountinfo: string, host: string): string[] {
  const grouped = [...cgroup.matchAll(/[/-]([0-9a-f]{64})(?:\.scope)?$/gmu)];
  // The host's own table has every container's folders in it; only a container has one mounted in its /etc.
  const mounted = [...mountinfo.matchAll(/\/([0-9a-f]{64})\/\S* \/etc\/(?:hostname|hosts|resolv\.conf) /gu)];
  const named = /^[0-9a-f]{12}$/u.test(host) ? [host] : [];
  return [...new Set([...[...grouped, ...mounted].map((one) => one[1] ?? ""), ...named])];
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
