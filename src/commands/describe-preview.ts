import type { RestorePreview } from "../contract/api.ts";
import { formatBytes } from "./format-amounts.ts";

/** What a restore would do, in a few lines for people. */
export function describePreview(preview: RestorePreview): string {
  const { target, entries, bytes, replaced, created, stops, keptAside } = preview;
  const where = target === null ? "to where they came from" : `below ${target}`;
  const lines = [
    `would restore ${entries} entries, ${formatBytes(bytes)}, ${where}`,
    `  ${created} are not there now, ${replaced} are${target !== null && replaced > 0 ? ": the restore stops at the first file that is" : ""}`,
  ];
  if (target === null) {
    lines.push(stops.length === 0 ? "  no container stops" : `  stops meanwhile: ${stops.join(", ")}`);
    for (const path of keptAside) lines.push(`  keeps aside what is in ${path} now`);
  }
  return [...lines, "nothing was changed"].join("\n");
}
