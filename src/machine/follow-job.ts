import { setTimeout as delay } from "node:timers/promises";
import type { RunReporter } from "../contract/run-event.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { domainState } from "./domain-state.ts";
import { diskFailure } from "./run-qemu-img.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";

/** How often libvirt is asked, at first and in the end. */
const firstLookMs = 50;
const lookEveryMs = 1000;
/** How long libvirt may give no answer: a restart of its daemon takes seconds, and the job goes on meanwhile. */
const silenceMs = 180_000;
/** How long no byte may be written. */
const stallMs = 900_000;

/**
 * Follows a backup that has begun to its end. Throws where it did not end well: `storage` where the vault was full, `unreachable` where
 * libvirt has not answered for three minutes, `cancelled` on the signal. The job is not ended by that.
 */
export async function followJob(
  libvirt: Libvirt,
  domain: string,
  reporter: Pick<RunReporter, "progress" | "warning">,
): Promise<void> {
  let answered = Date.now();
  let moved = Date.now();
  let bytes = -1;
  let told = false;
  for (let wait = firstLookMs; ; wait = Math.min(wait * 2, lookEveryMs)) {
    const job = await askJob(libvirt, domain).catch(async (error: unknown) => {
      const failure = asFailure(error);
      if (failure.kind === "cancelled" || Date.now() - answered > silenceMs) throw failure;
      if (failure.kind !== "unreachable" && (await isOff(libvirt, domain))) throw jobFailure("the machine ended");
      if (!told) reporter.warning(`libvirt does not answer while the backup goes on: ${failure.message}`);
      told = true;
      return null;
    });
    if (job !== null) {
      answered = Date.now();
      if (job.processed !== null && job.processed !== bytes) moved = Date.now();
      bytes = job.processed ?? bytes;
      reporter.progress({ entries: 0, bytes: Math.max(bytes, 0), totalEntries: null, totalBytes: job.total });
      if (job.state === "ended") return;
      if (job.state === "failed") throw jobFailure(job.words);
    }
    if (Date.now() - moved > stallMs)
      throw new Failure("failed", `nothing was written for ${stallMs / 60_000} minutes, so the backup was ended`, {
        hint: "look whether the vault's file system hangs (a network share that is gone)",
      });
    await delay(wait, undefined, { signal: libvirt.signal });
  }
}

async function isOff(libvirt: Libvirt, domain: string): Promise<boolean> {
  const now = await domainState(libvirt, domain).catch(() => undefined);
  return now === null || now?.state === "shut off" || now?.state === "crashed";
}

interface Job {
  state: "runs" | "ended" | "failed";
  processed: number | null;
  total: number | null;
  /** What QEMU says went wrong. */
  words: string;
}

/** The types of a job in the raw statistics (virDomainJobType). */
const runs = [1, 2];
const completed = 3;
const cancelled = 5;
/** virDomainJobOperation of a backup. */
const backupOperation = 9;

async function askJob(libvirt: Libvirt, domain: string): Promise<Job> {
  const now = parseJob(await runVirsh(libvirt, ["domjobinfo", domain, "--rawstats"]));
  if (runs.includes(now.type)) return { ...now, state: "runs" };
  const last = parseJob(
    await runVirsh(libvirt, ["domjobinfo", domain, "--completed", "--keep-completed", "--rawstats"]),
  );
  if (last.type === completed && last.operation === backupOperation && last.success !== 0)
    return { ...last, state: "ended" };
  const words = last.type === cancelled ? "it was cancelled, or the machine ended" : "the machine ended";
  return { ...last, state: "failed", words: last.words || words };
}

function parseJob(
  text: string,
): Omit<Job, "state"> & { type: number; operation: number | null; success: number | null } {
  const fields = new Map(
    [...text.matchAll(/^(.+?): (.*)$/gmu)].map(([, name = "", value = ""]) => [name, value.trim()]),
  );
  const number = (name: string): number | null => {
    const value = Number(fields.get(name) ?? NaN);
    return Number.isNaN(value) ? null : value;
  };
  return {
    type: number("Job type") ?? 0,
    operation: number("operation"),
    success: number("success"),
    processed: number("disk_processed"),
    total: number("disk_total"),
    words: fields.get("errmsg") ?? "",
  };
}

function jobFailure(words: string): Failure {
  const failure = diskFailure("the backup did not end well", words);
  if (failure.hint !== undefined) return failure;
  return new Failure(failure.kind, failure.message, {
    hint: "the machine's log in /var/log/libvirt/qemu may say more",
  });
}
