import { createApi } from "./api/create-api.ts";
import { createOperations } from "./api/davit-operations.ts";
import { ensurePassword } from "./api/password.ts";
import type { Config } from "./config/config.ts";
import type { Module } from "./contract/module.ts";
import type { UnlistedContainer } from "./contract/overview.ts";
import { isUsable } from "./contract/module.ts";
import { followModules } from "./discover/follow-modules.ts";
import { asFailure } from "./failure/failure.ts";
import { claimVaultVolume } from "./flow/claim-vault-volume.ts";
import { holdForMachine } from "./flow/hold-for-machine.ts";
import { openDavit } from "./flow/open-davit.ts";
import { createTeller } from "./flow/tell-news.ts";
import { recoverAtStart } from "./flow/start-up.ts";
import { createLogger } from "./log/create-logger.ts";
import { AgentLink } from "./link/sidecar/connect-agent.ts";
import type { HoldWork } from "./link/sidecar/hold-answers.ts";
import { keepLink } from "./link/sidecar/keep-link.ts";
import { openChannels } from "./notify/open-channels.ts";
import { takeServeLock } from "./runs/serve-lock.ts";
import { createCopier } from "./schedule/create-copier.ts";
import { createNotifier } from "./schedule/create-notifier.ts";
import { createScheduler } from "./schedule/create-scheduler.ts";
import { createVerifier } from "./schedule/create-verifier.ts";
import { jobsOf } from "./schedule/jobs-of.ts";

/** The longest random delay before a scheduled run, so that many hosts do not start in the same second. */
const jitterMs = 15_000;

/**
 * The container's program: heals what a crash left, follows the host's modules, backs them up at their times and serves
 * API and page, until `signal` aborts; then ends every run cleanly and resolves.
 */
export async function runSidecar(config: Config, signal: AbortSignal): Promise<void> {
  const log = createLogger(config);
  const davit = await openDavit(config);
  const unlock = takeServeLock(config.state);
  let modules: Module[] = [];
  let unlisted: UnlistedContainer[] = [];
  let vaultVolume: string | null = null;

  const warn = (message: string, hint?: string): void => log.warn({ hint }, message);
  const output = (source: string, line: string): void => log.info({ source }, line);
  const claimVolume = async (): Promise<void> => {
    vaultVolume = await claimVaultVolume(davit).catch((error: unknown) => {
      log.warn({ err: asFailure(error) }, "the volume that the vault lies in can't be told yet");
      return null;
    });
  };
  await claimVolume();
  await recoverAtStart(davit, { warning: warn, output }).catch((error: unknown) => {
    // An engine that is still starting must not keep the panel down; what is left is healed before the next run.
    log.error({ err: asFailure(error) }, "not all that an earlier crash left could be healed yet");
  });

  const notifier = createNotifier({
    look: createTeller({
      davit,
      channels: config.notify.when === "off" ? [] : openChannels(config.notify),
      modules: async () => (await operations.overview()).modules,
      log,
    }),
    log,
  });
  const agent = config.agent === null ? null : new AgentLink(config.agent);
  const operations = createOperations({
    davit,
    agent,
    modules: () => modules,
    unlisted: () => unlisted,
    vaultVolume: () => vaultVolume,
    signal,
    onSealed: () => copier?.look(),
    onEnded: () => notifier.notice(),
  });
  const first = await ensurePassword(config.state, config.password);
  const api = await createApi({
    operations,
    stateDir: config.state,
    log,
    version: davit.version,
    trustProxy: config.trustProxy,
    passwordIsConfigured: config.password !== null,
    portainer: config.portainerSignIn ? (config.portainer?.url ?? null) : null,
    frameAncestors: config.frameAncestors,
  });
  if (config.socket !== null) await api.listenOnSocket(config.socket);
  const { url } = await api.listen(config.listen);
  log.info({ url, vault: config.vault }, "listening");
  // The first look at a big vault takes seconds, and is not to keep the first visitor waiting.
  davit.vault.rows.list().catch((error: unknown) => log.warn({ err: asFailure(error) }, "the vault can't be read yet"));
  if (first !== null) process.stdout.write(`first password for the panel: ${first}\n`);

  const scheduler = createScheduler({
    jobs: () => modules.filter(isUsable).flatMap(jobsOf),
    run: operations.runWhenDue,
    stateDir: config.state,
    log,
    jitterMs,
  });
  const verifier = createVerifier({
    days: config.verifyDays,
    backups: () => davit.vault.list(),
    verify: operations.verifyInTurn,
    log,
  });
  const hold: HoldWork = ({ leftMs, signal: over }) =>
    holdForMachine(davit, { leftMs, signal: over, reporter: { warning: warn, output } });
  const link = agent === null ? null : keepLink({ agent, hold, log, onUp: () => copier?.look() });
  const wantsCopy = ({ module }: { module: string }): boolean =>
    modules.find((one) => one.name === module)?.settings.copy?.includes("agent") ?? config.agentCopies;
  const copier =
    link &&
    createCopier({
      backups: async () => (link.state().hello?.copies === true ? (await davit.vault.list()).filter(wantsCopy) : []),
      copy: operations.copyInTurn,
      log,
    });
  let started = false;
  const following = followModules(
    davit.docker,
    config,
    (found) => {
      ({ modules, unlisted } = found);
      log.info({ modules: modules.map((one) => one.name) }, "modules");
      for (const { name, warnings } of modules) {
        for (const { severity, message, hint } of warnings) {
          if (severity !== "note") log.warn({ module: name, hint }, message);
        }
      }
      notifier.notice();
      if (started) return;
      started = true;
      if (vaultVolume === null) void claimVolume(); // The engine may not have answered before.
      scheduler.start().catch((error: unknown) => log.error({ err: asFailure(error) }, "the schedule could not start"));
      verifier.start();
      copier?.start();
      notifier.start();
    },
    signal,
    (failure) => log.error({ err: failure }, "the Docker engine can't be asked; trying again"),
  );

  await Promise.all([aborted(signal), following.catch(() => undefined)]);
  log.info("stopping: runs end, what is held is let go");
  const linked = async (): Promise<unknown> => Promise.all([link?.stop(), copier?.stop(), notifier.stop()]);
  await Promise.allSettled([scheduler.stop(), verifier.stop(), linked(), operations.idle(), api.close()]);
  await davit.browser.close();
  agent?.close();
  unlock();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
