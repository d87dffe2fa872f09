import type { Browser } from "../browse/open-browser.ts";
import type { Config } from "../config/config.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { DrillJournal } from "../drill/open-drill-journal.ts";
import type { Ledger } from "../hold/open-ledger.ts";
import type { RecreateJournal } from "../recreate/open-recreate-journal.ts";
import type { RestoreJournal } from "../restore/restore-journal.ts";
import type { Slots } from "../runs/limit-parallel.ts";
import type { Runs } from "../runs/open-runs.ts";
import type { Vault } from "../vault/open-vault.ts";

/** What every flow works with; made once by the program. */
export interface Davit {
  config: Config;
  version: string;
  host: { id: string; name: string };
  docker: Docker;
  vault: Vault;
  /** Looks into the backups' indexes. */
  browser: Browser;
  runs: Runs;
  ledger: Ledger;
  restores: RestoreJournal;
  recreations: RecreateJournal;
  drills: DrillJournal;
  /** At most `config.parallel` runs go on together. */
  slots: Slots;
  now: () => Date;
}
