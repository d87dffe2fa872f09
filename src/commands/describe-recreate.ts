import type { RecreatePreview } from "../contract/api.ts";
import { formatBytes } from "./format-amounts.ts";
import { formatTable } from "./format-table.ts";

/** What a recovery of a module would make, for people. */
export function describeRecreate(plan: RecreatePreview): string {
  const rows = [
    ...plan.images.map(({ container, image, pull }) => [
      "image",
      `${image} of ${container}: ${pull === null ? "is there" : `would be pulled as ${pull}`}`,
    ]),
    ...plan.networks.map(({ name, isThere }) => ["network", `${name}${isThere ? ": is there and serves" : ""}`]),
    ...plan.volumes.map((name) => ["volume", name]),
    ...plan.paths.map((path) => ["path", path]),
    ["data", formatBytes(plan.bytes)],
    ...plan.containers.map(({ name, starts }) => [
      "container",
      `${name}${starts ? "" : ": would not be started, as it did not run at the backup"}`,
    ]),
    ...plan.warnings.map((message) => ["warning", message]),
    ...plan.missing.map(({ message }) => ["MISSING", message]),
    ...plan.inTheWay.map((thing) => ["IN THE WAY", thing]),
  ];
  const isPossible = plan.missing.length === 0 && plan.inTheWay.length === 0;
  const end = isPossible ? [] : ["", "nothing would be made as long as anything is missing or in the way"];
  return [`${plan.backup} would be made anew:`, ...formatTable(rows), ...end].join("\n");
}
