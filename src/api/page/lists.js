import { element, table } from "./element.js";
import { ago, backupInstant, clock, duration, kinds, outcomes, proof, size } from "./words.js";

const shown = 20;
const dash = "–";

/** The backups, newest first; only the first ones until asked for more. */
export function backupTable(backups, { verify, showAll, all }) {
  if (backups.length === 0)
    return element("p", { className: "empty soft" }, "There is no backup yet. “Back up now” makes the first.");
  const rows = (all ? backups : backups.slice(0, shown)).map((backup) => {
    const { word, tone } = proof(backup);
    return [
      element("span", { title: backup.id }, `${backup.module}, ${clock(backupInstant(backup.time))}`),
      element("span", { className: tone }, word),
      backup.bytesOut === null ? dash : size(backup.bytesOut),
      backup.holdMs === null ? dash : duration(backup.holdMs),
      backup.problem === null
        ? element("button", { type: "button", className: "quiet", onclick: () => verify(backup) }, "Verify")
        : "",
    ];
  });
  const number = "number";
  const columns = [
    { title: "Backup" },
    { title: "Proof" },
    { title: "Size", className: number },
    { title: "Held for", className: number },
    { title: "", className: "action" },
  ];
  const more = element(
    "button",
    { type: "button", className: "quiet", onclick: showAll },
    `Show all ${backups.length}`,
  );
  return table(columns, rows, rows.length < backups.length ? element("div", { className: "more" }, more) : null);
}

/** The last runs and how they ended. */
export function runTable(runs) {
  if (runs.length === 0) return element("p", { className: "empty soft" }, "Nothing has run yet.");
  const tones = { ok: "good", failed: "bad", interrupted: "bad", cancelled: "warn" };
  const rows = runs
    .slice(0, 10)
    .map((run) => [
      `${kinds[run.kind] ?? run.kind} of ${run.module}`,
      ago(run.started),
      run.outcome === null
        ? `goes on${run.stage === null ? "" : `: ${run.stage}`}`
        : element("span", { className: tones[run.outcome] }, ending(run)),
      run.ended === null ? dash : duration(new Date(run.ended) - new Date(run.started)),
    ]);
  const columns = [
    { title: "Run" },
    { title: "Started" },
    { title: "Outcome" },
    { title: "Took", className: "number" },
  ];
  return table(columns, rows);
}

function ending({ outcome, failure }) {
  return failure === null ? outcomes[outcome] : `${outcomes[outcome]}: ${failure.message}`;
}
