import { failedProof } from "./words.js";

const severity = ["bad", "warn", "off", "good"];

/**
 * How safe a module is, in a few words and a tone: `bad` (its data is not safe), `warn` (have a look), `good`, or `off` for
 * backups of a module that is not on this host any more. `reason` says more, where nothing else does. `backups` are the module's
 * own, newest first.
 */
export function moduleState(module, backups, runs) {
  const { warnings, settings, lastBackup: last } = module;
  if (module.gone) return { tone: "off", word: "no container found" };
  if (warnings.some((one) => one.severity === "error")) return { tone: "bad", word: "not backed up" };
  if (backups.some(({ unanswered }) => unanswered.length > 0)) return { tone: "bad", word: "may have lost data" };
  const run = lastBackupRun(module, runs);
  if (run?.outcome === "failed") return { tone: "bad", word: "last backup failed" };
  if (run?.outcome === "interrupted") return { tone: "bad", word: "last backup was interrupted" };
  if (last === null) return { tone: "bad", word: backups.length === 0 ? "never backed up" : "no usable backup" };
  const failed = failedProof(last);
  if (failed !== null) return notProved(failed);
  if (backups[0].problem !== null)
    return { tone: "bad", word: "newest backup can't be used", reason: unusable(backups[0]) };
  const damaged = backups.find((backup) => failedProof(backup)?.kind === "verified");
  if (damaged !== undefined)
    return { tone: "warn", word: "an older backup is damaged", reason: { message: `${damaged.id} is damaged` } };
  // Who chose davit.hold=live knows, and need not be told every day.
  if (last.consistent === false && settings.hold !== "live")
    return { tone: "warn", word: "last backup is inconsistent", reason: inconsistent };
  if (run?.outcome === "cancelled") return { tone: "warn", word: "last backup was cancelled" };
  if (warnings.some((one) => one.severity === "warning")) return { tone: "warn", word: "backed up, with a warning" };
  return { tone: "good", word: "backed up" };
}

const again = "back up now, then verify; until then, restore from an older backup";
const drillAgain = "`davit drill` shows what its containers printed; mend that, back up, and drill again";
const inconsistent = {
  message: "the services ran on before everything was read, so files may not fit together",
  hint: "raise davit.hold.timeout, or leave out what need not be backed up",
};

function notProved({ kind, detail }) {
  const because = detail === undefined ? {} : { reason: { message: detail, hint: again } };
  if (kind === "verified") return { tone: "bad", word: "last backup is damaged", ...because };
  if (kind === "drilled")
    return {
      tone: "bad",
      word: "last backup failed its drill",
      ...(detail === undefined ? {} : { reason: { message: detail, hint: drillAgain } }),
    };
  return {
    tone: "warn",
    word: "last backup was not copied",
    ...(detail === undefined ? {} : { reason: { message: detail } }),
  };
}

function unusable({ problem }) {
  return { message: problem, hint: again };
}

/** The module's last backup that ended, whatever came of it. */
export function lastBackupRun({ name }, runs) {
  return runs.find((run) => run.module === name && run.kind === "backup" && run.outcome !== null);
}

/** What is worst comes first; what is alike, by name. */
export function byUrgency(one, other) {
  return (
    severity.indexOf(one.state.tone) - severity.indexOf(other.state.tone) ||
    one.module.name.localeCompare(other.module.name)
  );
}
