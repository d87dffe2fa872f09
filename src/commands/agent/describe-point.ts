import { pointId, type PointManifest } from "../../contract/machine.ts";
import { formatBytes, formatDuration } from "../format-amounts.ts";

/** What a sealed point is, on a few lines. */
export function describePoint(manifest: PointManifest, folder: string): string {
  const { machine, chain, time, type, disks, fallback, started, sealed } = manifest;
  const virtual = disks.reduce((sum, disk) => sum + disk.virtualBytes, 0);
  const bytes = disks.reduce((sum, disk) => sum + disk.bytes, 0);
  const took = formatDuration(Date.parse(sealed) - Date.parse(started));
  const count = disks.length === 1 ? "1 disk" : `${disks.length} disks`;
  return [
    `${pointId(machine, chain, time)}  ${type}, ${count} of ${formatBytes(virtual)} -> ${formatBytes(bytes)} in ${took}`,
    `  ${describeQuiesce(manifest)}`,
    ...(fallback === null ? [] : [`  a full instead of an increment: ${fallback}`]),
    `  ${folder}`,
  ].join("\n");
}

const words = {
  hold: "its sidecar held what runs in it",
  freeze: "its file systems were frozen by the guest agent",
  pause: "it was paused",
  off: "it was shut off",
} as const;

/** How the machine was brought to rest: `paused for 58 ms`. */
function describeQuiesce({ quiesce: { used, ms } }: PointManifest): string {
  const how = used.map((kind) => words[kind]).join(", ");
  if (how === "") return "nothing was brought to rest: the disks are as after a power cut";
  return ms === null ? how : `${how}; it stood still for ${formatDuration(ms)}`;
}
