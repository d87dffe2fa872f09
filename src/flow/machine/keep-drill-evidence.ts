import { join } from "node:path";
import { formatBackupTime } from "../../contract/backup-id.ts";
import type { RunReporter } from "../../contract/run-event.ts";
import { writeDurably } from "../../durable/write-durably.ts";
import { asFailure, type Failure } from "../../failure/failure.ts";
import type { BootOutcome } from "../../machine/boot/boot-machine.ts";
import { encodePng } from "../../machine/boot/picture.ts";
import type { Host } from "./host.ts";

/** What a boot drill found. */
export interface DrillFound {
  /** Why the point is no good; null where it is. */
  failure: Failure | null;
  /** Null where it could not be booted. */
  outcome: BootOutcome | null;
  /** How the drill differs from the machine, and what its proof lacks. */
  findings: string[];
}

interface DrillPlace {
  host: Host;
  id: string;
  reporter: Pick<RunReporter, "warning">;
}

/**
 * Writes down what a boot drill found, as evidence of the point, with the picture of the screen beside it; gives that file. What can't be
 * written is told, and is no failure of the drill.
 */
export async function keepDrillEvidence(place: DrillPlace, found: DrillFound): Promise<string | null> {
  const { host, id, reporter } = place;
  const { failure, outcome, findings } = found;
  if (outcome?.weak != null) findings.push(outcome.weak);
  if (outcome?.accelerator === "tcg") findings.push("it was emulated, without KVM, and took longer than it would");
  for (const message of findings) reporter.warning(message);
  const at = host.now();
  const screenshot = await keepPicture(place, outcome, at);
  const text = lastLines(outcome?.serial ?? "");
  try {
    await host.vault.appendEvidence(id, {
      kind: "drilled",
      at: at.toISOString(),
      ok: failure === null,
      ms: outcome?.ms ?? 0,
      detail: failure?.message ?? outcome?.reason ?? "",
      findings: findings.map((message) => ({ message })),
      logs: text === "" ? [] : [{ container: "serial console", text }],
      ...(screenshot !== null && { screenshot }),
    });
  } catch (error) {
    const { message, hint } = asFailure(error);
    reporter.warning(`what the drill showed can't be written down: ${message}`, hint);
  }
  return screenshot === null ? null : join(host.vault.folder(id), screenshot);
}

async function keepPicture(
  { host, id, reporter }: DrillPlace,
  outcome: BootOutcome | null,
  at: Date,
): Promise<string | null> {
  if (outcome === null || outcome.picture === null) return null;
  const name = `drill-${formatBackupTime(at)}.png`;
  try {
    await writeDurably(join(host.vault.folder(id), name), encodePng(outcome.picture));
    return name;
  } catch (error) {
    reporter.warning(`the picture of the screen can't be kept: ${asFailure(error).message}`);
    return null;
  }
}

// A kernel's panic takes 50 lines, and the reason stands before it.
const logLines = 100;
const logCharacters = 8000;

function lastLines(text: string): string {
  return text.trim().split(/\r?\n/u).slice(-logLines).join("\n").slice(-logCharacters);
}
