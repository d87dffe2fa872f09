import { element, sign, breakable } from "./element.js";
import { ago, backupInstant, clock, duration, failedProof, latest, recovery, size } from "./words.js";

const rungs = ["sealed", "verified", "drilled", "copied"];

/** A module's backups, newest first: age, size, hold, rungs of proof. */
export function backupList(name, backups, actions) {
  if (backups.length === 0) return null;
  const unusable = backups.filter(({ problem }) => problem !== null).length;
  const title = `Backups (${backups.length}${unusable === 0 ? "" : `, ${unusable} can't be used`})`;
  return element(
    "details",
    { id: `backups-${name}` },
    element("summary", { id: `backups-${name}-title` }, title),
    element("ul", { className: "rows" }, ...backups.map((backup) => row(backup, actions))),
  );
}

function row(backup, actions) {
  const { id, time, problem, bytesOut, holdMs } = backup;
  const taken = backupInstant(time);
  const facts = [
    bytesOut === null ? null : size(bytesOut),
    holdMs === null ? null : `held ${duration(holdMs)}`,
    recovery(backup),
    backup.consistent === false ? "inconsistent" : null,
  ];
  return element(
    "li",
    {},
    element("span", { title: id }, ago(taken), element("span", { className: "soft" }, ` ${clock(taken)}`)),
    element("span", {}, facts.filter((fact) => fact !== null).join(", ")),
    problem === null
      ? ladder(backup)
      : element("span", { className: "wide" }, sign("bad"), " can't be used: ", breakable(problem)),
    problem === null
      ? element("span", {}, act("Verify", backup, actions.verify), " ", act("Drill", backup, actions.drill))
      : null,
    detailOf(backup),
    ...findingsOf(backup),
  );
}

function act(word, backup, perform) {
  return element(
    "button",
    {
      type: "button",
      className: "quiet",
      id: `${word.toLowerCase()}-${backup.id}`,
      "aria-label": `${word} the backup of ${clock(backupInstant(backup.time))}`,
      onclick: () => perform(backup),
    },
    word,
  );
}

/** The rungs in their order, each climbed, fallen from, or not yet tried. */
export function ladder(backup, wanted = rungs) {
  const rung = (kind) => {
    const evidence = latest(backup, kind);
    const when = kind === "sealed" ? backup.sealed : evidence?.at;
    const tone = kind === "sealed" || evidence?.ok === true ? "good" : evidence === undefined ? "off" : "bad";
    const words = { good: kind, bad: `not ${kind}`, off: `not ${kind} yet` };
    const text = element("span", { "aria-hidden": "true" }, `${{ good: "✓", bad: "✕", off: "–" }[tone]} ${kind}`);
    const said = element("span", { className: "unseen" }, words[tone]);
    return element("li", { className: tone, title: when ? `${words[tone]}, ${clock(when)}` : words[tone] }, text, said);
  };
  return element("ul", { className: "ladder", "aria-label": "Proof" }, ...wanted.map(rung));
}

/** What the last drill found besides its verdict. */
function findingsOf(backup) {
  return (latest(backup, "drilled")?.findings ?? []).map(({ message, hint }) =>
    element(
      "span",
      { className: "wide soft" },
      "drill: ",
      breakable(hint === undefined ? message : `${message} (${hint})`),
    ),
  );
}

function detailOf(backup) {
  const detail = failedProof(backup)?.detail;
  return detail === undefined ? null : element("span", { className: "wide bad" }, breakable(detail));
}
