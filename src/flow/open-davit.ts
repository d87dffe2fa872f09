import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { hostId } from "../config/host-id.ts";
import { connectDocker } from "../docker/connect-docker.ts";
import { openDrillJournal } from "../drill/open-drill-journal.ts";
import { openLedger } from "../hold/open-ledger.ts";
import { openRestoreJournal } from "../restore/restore-journal.ts";
import { openRuns } from "../runs/open-runs.ts";
import { openVault } from "../vault/open-vault.ts";
import type { Davit } from "./davit.ts";

/** Davit over a configuration: vault, runs and ledger opened, the engine addressed but not yet asked anything. */
export async function openDavit(config: Config): Promise<Davit> {
  mkdirSync(config.state, { recursive: true, mode: 0o700 });
  const runs = openRuns(config.state, () => new Date(), config.keepRuns);
  return {
    config,
    version: davitVersion(),
    host: { id: await hostId(config.state), name: hostname() },
    docker: connectDocker(config.dockerHost),
    vault: openVault(config.vault),
    runs,
    ledger: openLedger(config.state),
    restores: openRestoreJournal(config.state),
    drills: openDrillJournal(config.state),
    slots: runs.limit(config.parallel),
    now: () => new Date(),
  };
}

/** The version in package.json. */
export function davitVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return z.looseObject({ version: z.string() }).parse(JSON.parse(text)).version;
}
