import type { Compression } from "../contract/settings.ts";

export const indexFile = "index.ndjson.gz";
export const manifestFile = "manifest.json";
export const containersFile = "containers.json";
export const networksFile = "networks.json";
export const volumesFile = "volumes.json";
export const composeFileName = "compose.yaml";
export const sumsFile = "SHA256SUMS";
export const evidenceFile = "evidence.ndjson";

/** The archive's name in its backup: `nas.tar.gz`, `nas.tar.zst` or `nas.tar`. */
export function archiveFile(module: string, compression: Compression): string {
  const suffix = { gzip: ".tar.gz", zstd: ".tar.zst", none: ".tar" }[compression.type];
  return module + suffix;
}
