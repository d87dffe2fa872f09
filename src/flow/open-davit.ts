import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { openBrowser } from "../browse/open-browser.ts";
import type { Config } from "../config/config.ts";
import { davitVersion } from "../config/davit-version.ts";
import { hostId } from "../config/host-id.ts";
import { connectDocker } from "../docker/connect-docker.ts";
import { openDrillJournal } from "../drill/open-drill-journal.ts";
import { openLedger } from "../hold/open-ledger.ts";
import { openRecreateJournal } from "../recreate/open-recreate-journal.ts";
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
    browser: openBrowser(),
    runs,
    ledger: openLedger(config.state),
    restores: openRestoreJournal(config.state),
    recreations: openRecreateJournal(config.state),
    drills: openDrillJournal(config.state),
    slots: runs.limit(config.parallel),
    now: () => new Date(),
  };
}
