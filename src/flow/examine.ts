import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import type { DoctorCheck } from "../contract/api.ts";
import type { BackupSummary } from "../contract/manifest.ts";
import { wallClock } from "../contract/wall-clock.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { connectDocker } from "../docker/connect-docker.ts";
import { hostSight, type HostSight } from "../docker/host-sight.ts";
import { ownContainer } from "../docker/own-container.ts";
import { checkBackups } from "../doctor/check-backups.ts";
import { checkCapabilities } from "../doctor/check-capabilities.ts";
import { checkClock } from "../doctor/check-clock.ts";
import { checkCompression } from "../doctor/check-compression.ts";
import { checkDocker } from "../doctor/check-docker.ts";
import { checkFolder } from "../doctor/check-folder.ts";
import { checkHolds } from "../doctor/check-holds.ts";
import { checkModules } from "../doctor/check-modules.ts";
import { checkNotifications, type NotificationState } from "../doctor/check-notifications.ts";
import { checkRoot } from "../doctor/check-root.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { openLedger } from "../hold/open-ledger.ts";
import { loadLibdeflate } from "../libc/libdeflate.ts";
import { readMemories } from "../notify/channel-memories.ts";
import { openChannels } from "../notify/open-channels.ts";
import { openRuns } from "../runs/open-runs.ts";
import { isFuture } from "../contract/is-future.ts";
import { openVault } from "../vault/open-vault.ts";
import { attemptCheck } from "./attempt-check.ts";

const giB = 1024 ** 3;

type Check = () => DoctorCheck | Promise<DoctorCheck>;

export interface ExamineOptions {
  signal?: AbortSignal;
  /** Checks of what flows know nothing of. */
  more?: readonly (readonly [name: string, check: Check])[];
}

/**
 * Looks at everything that a backup needs: engine, roots, vault, state, scratch, permissions, clock, modules. What can't be
 * looked at is a check with status `error`; nothing is thrown but the signal's reason.
 */
export async function examine(
  config: Config,
  now: () => Date,
  { signal, more = [] }: ExamineOptions = {},
): Promise<DoctorCheck[]> {
  const { vault, state, scratch, timezone } = config;
  let backups: BackupSummary[] = [];
  const checks: (readonly [name: string, check: Check])[] = [
    ["docker", () => checkDocker(connectDocker(config.dockerHost), config.dockerHost)],
    ["modules", async () => checkModules(await discoverModules(connectDocker(config.dockerHost), config))],
    ...config.roots.map((root): [string, Check] => [`root ${root}`, async () => checkRoot(root, await sight(config))]),
    ["vault", () => checkFolder({ name: "vault", folder: vault, wanted: 2 * giB })],
    ["state", () => checkFolder({ name: "state", folder: state, wanted: giB / 4 })],
    ["scratch", () => checkFolder({ name: "scratch", folder: scratch, wanted: giB / 4 })],
    [
      "backups",
      async () => {
        backups = await openVault(vault, now).list();
        return checkBackups(backups);
      },
    ],
    ["holds", async () => checkHolds(await leftHolds(state))],
    ["permissions", async () => checkCapabilities(await readFile("/proc/self/status", "utf8"))],
    [
      "clock",
      () => {
        const future = backups.filter((one) => isFuture(one.time, now())).map((one) => one.id);
        return checkClock({ wall: wallText(now(), timezone), timezone, future });
      },
    ],
    ["notifications", async () => checkNotifications(await notificationState(config))],
    ["compression", () => checkCompression(loadLibdeflate() !== null)],
    ...more,
  ];
  const results: DoctorCheck[] = [];
  for (const [name, check] of checks) {
    signal?.throwIfAborted();
    results.push(await attemptCheck(name, check));
  }
  return withoutEchoes(results);
}

async function notificationState({ notify, state }: Config): Promise<NotificationState> {
  const memories = await readMemories(state);
  const channels = openChannels(notify).map(({ name, to }) => ({ name, to, failure: memories[name]?.failure ?? null }));
  return { when: notify.when, channels };
}

/** Where the engine can't be asked, which is told by itself, all that is here counts as the host's. */
async function sight({ dockerHost }: Config): Promise<HostSight> {
  return hostSight(await ownContainer(connectDocker(dockerHost)).catch(() => null));
}

/** Modules that stand in the ledger though no run is at work on them. */
async function leftHolds(state: string): Promise<string[]> {
  const held = await openLedger(state)
    .list()
    .catch((thrown: unknown) => {
      throw storageFailure("can't read the ledger of what is held", thrown);
    });
  const runs = openRuns(state);
  return held.filter((module) => !runs.isLocked(module));
}

/** One trouble is told once: what could not be looked at because of another error is left out. */
function withoutEchoes(checks: readonly DoctorCheck[]): DoctorCheck[] {
  const failed = new Set(checks.filter((one) => one.status === "error").map((one) => one.name));
  const echoes = { modules: "docker", backups: "vault" };
  return checks.filter(
    ({ name }) => !((name === "modules" || name === "backups") && failed.has(name) && failed.has(echoes[name])),
  );
}

function wallText(instant: Date, timezone: string): string {
  return new Date(wallClock(timezone)(instant)).toISOString().slice(0, 19).replace("T", " ");
}
