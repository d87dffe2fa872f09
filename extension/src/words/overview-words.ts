import type { ModuleState } from "../../../src/contract/judge-module.ts";

/** Texts of the overview: how safe a module is, and what to do. */
export const overviewWords = {
  states: {
    "not-usable": "not backed up",
    "lost-data": "may have lost data",
    "run-failed": "last backup failed",
    "run-interrupted": "last backup was interrupted",
    never: "never backed up",
    "none-usable": "no usable backup",
    damaged: "last backup is damaged",
    "drill-failed": "last backup failed its drill",
    "newest-unusable": "newest backup can't be used",
    overdue: "backup is overdue",
    "older-damaged": "an older backup is damaged",
    inconsistent: "last backup is inconsistent",
    "run-cancelled": "last backup was cancelled",
    "not-copied": "last backup was not copied",
    warning: "backed up, with a warning",
    gone: "no container found",
    safe: "backed up",
  } as const satisfies Record<ModuleState, string>,
  advice: {
    "run-interrupted": "Davit or its host went down in the middle. Back up now.",
    never: "Back up now, or wait for the next run.",
    "none-usable": "Back up now: none of its backups can be read.",
    damaged: "Back up now, then verify. Until then restore from an older backup.",
    "drill-failed": "Its last drill shows what the containers printed. Mend that, back up, and drill again.",
    "newest-unusable": "Back up now: the newest folder in the vault can't be read.",
    "older-damaged":
      "It can't be restored. A newer one is whole, so nothing is lost yet: remove it or look at the disk.",
    inconsistent:
      "Services ran on before everything was read. Raise davit.hold.timeout, or leave out what need not be backed up.",
    "run-cancelled": "Back up now, unless that was meant.",
    "not-copied": "See whether the other place can be reached.",
    gone: "Its backups stay until you remove them. `davit recreate` makes it anew from the last one.",
  } as Readonly<Record<string, string>>,
  vault: {
    title: "Where the backups lie",
    folder: (path: string) => `Backups lie in the folder ${path}.`,
    volume: (volume: string, path: string) => `Backups lie in the volume \`${volume}\` of this engine, in ${path}.`,
    folderStays: "That is a folder of the machine that the engine runs in. Removing this extension leaves it as it is.",
    volumeStays:
      "Removing this extension leaves it as it is. Removing the volume removes all backups: so do `docker volume prune --all` and Docker Desktop's own resets.",
  },
  overview: {
    headline: {
      empty: "Nothing is backed up yet",
      emptyHelp:
        "Give a container the label davit.enable=true and start it again. It appears here, and is backed up every night at two.",
      allSafe: (modules: string) => `Everything is safe: ${modules} backed up`,
      oneSafe: "Everything is safe: the one module is backed up",
      bad: (count: number, total: number) =>
        count === 1 ? `One of ${total} modules is not safe` : `${count} of ${total} modules are not safe`,
      onlyBad: "The one module is not safe",
      warn: (count: number) =>
        count === 1 ? "All is backed up, one module needs a look" : `All is backed up, ${count} modules need a look`,
      unproved: "None of it has been proved by a drill yet",
      proved: (count: number, total: number) => `${count} of ${total} proved by a drill`,
    },
    modules: "Modules",
    gone: "In the vault only",
    unlisted: {
      title: "Not backed up",
      help: "These containers hold data, and nobody has opted them in. Add the lines to their compose file and start them again.",
      keeps: (sources: string) => `keeps data in ${sources}`,
      show: "Show the lines",
      copy: "Copy the lines",
    },
    backUp: "Back up now",
    ack: "All is well",
    showRun: "Show what it printed",
    last: "Last backup",
    next: "Next run",
    noNext: "not scheduled",
    size: "Size",
    hold: "Held",
    recovery: "Recovery",
    kept: (backups: string, size: string) => `${backups}, ${size}`,
    trend: (name: string) => `Size of the last backups of ${name}`,
    vault: (path: string, used: string, free: string | null) =>
      free === null ? `${used} in ${path}` : `${used} in ${path}, ${free} free`,
    filter: "Find a module",
    noMatch: "No module has that in its name",
  },
} as const;
