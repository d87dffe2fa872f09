import type { AgentConfig } from "../../config/agent-config.ts";
import type { Runs } from "../../runs/open-runs.ts";
import type { BootJournal } from "../../machine/boot/open-boot-journal.ts";
import type { DiskRestoreJournal } from "../../machine/open-disk-restore-journal.ts";
import type { RollUpJournal } from "../../machine/open-roll-up-journal.ts";
import type { PointVault } from "../../machine/open-point-vault.ts";
import type { UnfinishedFiles } from "../../machine/open-unfinished-files.ts";
import type { Slots } from "../../runs/limit-parallel.ts";
import type { Stillness } from "../../machine/open-stillness.ts";

/** What every flow of the physical host works with; made once by the agent. */
export interface Host {
  config: AgentConfig;
  version: string;
  host: { id: string; name: string };
  vault: PointVault;
  runs: Runs;
  slots: Slots;
  /** What was paused or frozen by Davit, so that a crash leaves nothing so. */
  stillness: Stillness;
  /** The boot drills that go on. */
  drills: BootJournal;
  /** The roll-ups of chains that go on. */
  rollUps: RollUpJournal;
  /** The restores in place: the one that goes on, and the last that can be undone. */
  diskRestores: DiskRestoreJournal;
  /** What restores to other places are writing. */
  unfinished: UnfinishedFiles;
  /** Asks the sidecar to hold what runs in the machine; null where none is paired and there. */
  holdInGuest(machine: string, untilMs: number, signal: AbortSignal): Promise<GuestHold | null>;
  now: () => Date;
}

/** What runs in the machine is held, until released or until its time is over. */
export interface GuestHold {
  /** Whether it was held all the time until now. */
  release(): Promise<boolean>;
}
