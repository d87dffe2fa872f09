import { setTimeout as wait } from "node:timers/promises";
import type { AgentConfig } from "./config/agent-config.ts";
import { asFailure } from "./failure/failure.ts";
import { openHost } from "./flow/machine/open-host.ts";
import { recoverHost } from "./flow/machine/recover-host.ts";
import { createHostOperations } from "./link/agent/create-host-operations.ts";
import { type LinkServer, openLinkServer } from "./link/agent/open-link-server.ts";
import { createLogger } from "./log/create-logger.ts";
import { takeServeLock } from "./runs/serve-lock.ts";
import { chainsToVerify } from "./schedule/chains-to-verify.ts";
import { createScheduler } from "./schedule/create-scheduler.ts";
import { createVerifier } from "./schedule/create-verifier.ts";
import { machineJobs, type MachineJobKind } from "./schedule/machine-jobs.ts";

/** The longest random delay before a scheduled run, so that many hosts do not start in the same second. */
const jitterMs = 15_000;
/** Between two attempts to open the link's port. */
const retryMs = 60_000;

/**
 * The physical host's program: lets go and heals what a crash left, backs up the machines at their times, drills and verifies
 * them, and answers their sidecars, until `signal` aborts; then ends every run cleanly and resolves.
 */
export async function serveAgent(config: AgentConfig, signal: AbortSignal): Promise<void> {
  const log = createLogger(config);
  const link: { server: LinkServer | null } = { server: null };
  const host = await openHost(config, async (...asked) => (await link.server?.holdInGuest(...asked)) ?? null);
  const unlock = takeServeLock(
    config.state,
    "davit agent serve",
    "stop that one first, or name another `state` in agent.yaml",
  );

  // Before anything else: a machine may stand still since the last time.
  await recoverHost(host, { warning: (message, hint) => log.warn({ hint }, message) });

  const operations = createHostOperations(host, signal);
  const openLink = async (): Promise<boolean> => {
    try {
      link.server = await openLinkServer({ ...config, operations, version: host.version, host: host.host, log });
      return true;
    } catch (thrown) {
      log.error({ err: asFailure(thrown) }, "no sidecar can reach the agent; trying again");
      return false;
    }
  };
  // Machines are backed up whether or not their sidecars can be talked to.
  const linking = (await openLink()) ? null : tryAgain(openLink, signal);
  const listen = link.server?.address ?? null;
  log.info({ listen, vault: config.vault, machines: config.machines.map((one) => one.name) }, "serving");
  if (config.machines.length === 0)
    log.warn({ hint: `write them into ${config.file}` }, "no machine is to be backed up");

  const scheduler = createScheduler<MachineJobKind>({
    jobs: () => config.machines.flatMap(machineJobs),
    run: async ({ module, kind }, trigger) => operations.runWhenDue(module, kind, trigger),
    covers: (kind, other) => kind === "full" && other === "incremental",
    stateDir: config.state,
    log,
    jitterMs,
  });
  const verifier = createVerifier({
    days: config.verifyDays,
    backups: async () => chainsToVerify(await host.vault.list()),
    verify: async (id) => operations.verifyInTurn(id),
    log,
  });
  await scheduler
    .start()
    .catch((error: unknown) => log.error({ err: asFailure(error) }, "the schedule could not start"));
  verifier.start();

  await aborted(signal);
  log.info("stopping: runs end, machines are let go");
  await Promise.allSettled([scheduler.stop(), verifier.stop(), operations.idle()]);
  await linking;
  // Last, so that what is held in a machine is released over it.
  await link.server?.close();
  unlock();
}

async function tryAgain(attempt: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(retryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || (await attempt())) return;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
