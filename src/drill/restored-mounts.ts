import { realpathSync } from "node:fs";
import type { Finding } from "../contract/manifest.ts";
import type { Source } from "../contract/module.ts";
import type { MountOrigin } from "../docker/mount-spec.ts";
import { errorCode } from "../failure/failure.ts";

/** The clock and its zone are the host's, here as in a recovery. */
export const hostsTime = ["/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"];

const ofTheKernel = ["/proc", "/sys", "/dev"];
const lacking = "a real recovery would lack it as well";

export interface RestoredData {
  sources: readonly Source[];
  data: string;
  hostData: string;
}

/** What stands in place of a container's mount in a drill: the restored data, or nothing, which is a finding where it matters. */
export function restoredMount(
  container: string,
  mount: MountOrigin,
  restored: RestoredData,
): { mount: MountOrigin | null; finding?: Finding } {
  const { type, source, target } = mount;
  const leftOut = (message: string, hint?: string) => ({
    mount: null,
    finding: { message: `${container}: ${message}`, ...(hint === undefined ? {} : { hint }) },
  });
  if (type !== "bind" && type !== "volume")
    return leftOut(`the mount at ${target} was left out: it is of type ${type}`);
  if (type === "bind" && hostsTime.includes(source)) return { mount: null };
  if (type === "bind" && source.endsWith(".sock"))
    return leftOut(`${source} was left out: a drill never gets a socket of the host`);
  if (type === "bind" && ofTheKernel.some((folder) => isWithin(source, folder)))
    return leftOut(`${source} was left out: it belongs to the kernel`);
  const path = type === "volume" ? volumePath(source, restored.sources) : inBackup(source, restored.sources);
  const what = type === "volume" ? `the volume ${source}` : source;
  if (path === null)
    return leftOut(
      `${what}, mounted at ${target}, is not in the backup`,
      `${lacking}${type === "bind" ? ": put it below a root, or keep it elsewhere" : ""}`,
    );
  switch (standsAt(restored.data, path)) {
    case "there":
      return { mount: { type: "bind", source: `${restored.hostData}${path}`, target } };
    case "gone":
      return leftOut(`${what}, mounted at ${target}, is not in the backup: it was excluded, or not there`, lacking);
    case "link":
      return leftOut(
        `${what}, mounted at ${target}, is or lies behind a link in the backup`,
        "a drill follows no links of restored data, since they may lead to the host's own files",
      );
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function volumePath(name: string, sources: readonly Source[]): string | null {
  return sources.find((one) => one.kind === "volume" && one.volume === name)?.path ?? null;
}

function inBackup(path: string, sources: readonly Source[]): string | null {
  // A source is named by its real path, a mount perhaps by a link to it.
  const candidates = [path, realPath(path)].filter((one) => one !== null);
  return candidates.find((one) => sources.some((source) => isWithin(one, source.path))) ?? null;
}

/** Whether the restored path can be handed to the engine, which follows links. */
function standsAt(data: string, path: string): "there" | "gone" | "link" {
  const real = realPath(`${data}${path}`);
  if (real === null) return "gone";
  return real === `${data}${path}` ? "there" : "link";
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (thrown) {
    if (errorCode(thrown) === undefined) throw thrown;
    return null;
  }
}
