import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import type { AgentConfig } from "../../config/agent-config.ts";
import { davitVersion } from "../../config/davit-version.ts";
import { hostId } from "../../config/host-id.ts";
import { openBootJournal } from "../../machine/boot/open-boot-journal.ts";
import { openPointVault } from "../../machine/open-point-vault.ts";
import { openDiskRestoreJournal } from "../../machine/open-disk-restore-journal.ts";
import { openRollUpJournal } from "../../machine/open-roll-up-journal.ts";
import { openUnfinishedFiles } from "../../machine/open-unfinished-files.ts";
import { openStillness } from "../../machine/open-stillness.ts";
import { openRuns } from "../../runs/open-runs.ts";
import type { Host } from "./host.ts";

/** The physical host over a configuration: vault and runs opened, libvirt not yet asked anything. */
export async function openHost(config: AgentConfig, holdInGuest: Host["holdInGuest"]): Promise<Host> {
  // A drill's QEMU, which is another user, comes through to the scratch folder; what else lies there is closed by itself.
  await mkdir(config.state, { recursive: true, mode: 0o711 });
  const runs = openRuns(config.state);
  return {
    config,
    version: davitVersion(),
    host: { id: await hostId(config.state), name: hostname() },
    vault: openPointVault(config.vault),
    runs,
    slots: runs.limit(config.parallel),
    stillness: openStillness(config.state),
    drills: openBootJournal(config.state),
    rollUps: openRollUpJournal(config.state),
    diskRestores: openDiskRestoreJournal(config.state),
    unfinished: openUnfinishedFiles(config.state),
    holdInGuest,
    now: () => new Date(),
  };
}
