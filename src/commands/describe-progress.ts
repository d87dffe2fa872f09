import type { Progress } from "../contract/run-event.ts";
import { formatBytes, formatDuration } from "./format-amounts.ts";

/** `1 204 entries, 310.2 MiB, 95.0 MiB/s, 42 %, 5 s left`. The last two only where the totals are known. */
export function describeProgress(now: Progress, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? now.bytes / (elapsedMs / 1000) : 0;
  const parts = [`${now.entries} entries`, formatBytes(now.bytes), `${formatBytes(rate)}/s`];
  if (now.totalBytes !== null && now.totalBytes > 0) {
    parts.push(`${Math.floor((now.bytes / now.totalBytes) * 100)} %`);
    if (rate > 0) parts.push(`${formatDuration(((now.totalBytes - now.bytes) / rate) * 1000)} left`);
  }
  return parts.join(", ");
}
