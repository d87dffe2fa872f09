import { backupList, ladder } from "./backup-list.js";
import { breakable, element, sign } from "./element.js";
import { lastBackupRun } from "./module-state.js";
import { told } from "./run-list.js";
import { ago, clock, duration, keeping, latest, recovery, size } from "./words.js";

/** One module: how safe it is, what is off and what to do about it, what goes on, and its backups. */
export function moduleCard({ module, state, backups }, runs, live, actions) {
  const { name, warnings, lastBackup } = module;
  const failure = lastBackupRun(module, runs)?.failure ?? null;
  const notes = warnings.filter(({ severity }) => severity === "note");
  return element(
    "article",
    { className: "card", id: `module-${name}`, tabIndex: -1, "aria-label": `Module ${name}` },
    element(
      "header",
      {},
      element(
        "h3",
        {},
        sign(state.tone),
        `\u00a0${name}`,
        element("span", { className: `state ${state.tone}` }, ` ${state.word}`),
      ),
      module.gone ? null : live === undefined ? startButton(module, actions) : cancelButton(module, live, actions),
    ),
    live?.node ?? null,
    ...unanswered(name, backups, actions),
    failure === null ? null : message("error", failure),
    state.reason === undefined ? null : message(state.tone === "bad" ? "error" : "warning", state.reason),
    ...warnings.filter((one) => !notes.includes(one)).map((one) => message(one.severity, one)),
    facts(module, backups),
    lastBackup === null ? null : ladder(lastBackup),
    backupList(name, backups, actions),
    module.gone ? null : settings(module, notes),
  );
}

/** What seems a loss of data, newest first, and the answer that all is well. */
function unanswered(name, backups, { acknowledge }) {
  const odd = backups.filter((backup) => backup.unanswered.length > 0);
  if (odd.length === 0) return [];
  const lines = odd.flatMap((backup) => backup.unanswered.map((one) => `${clock(backup.sealed)}: ${one.message}`));
  const hint = "look whether the data is as it should be; older backups are kept until you say so";
  const answer = { type: "button", id: `ack-${name}`, onclick: () => acknowledge(name) };
  return [
    element(
      "div",
      { className: "message error" },
      ...lines.map((line) => element("div", {}, breakable(line))),
      element("div", { className: "hint" }, hint),
      element("button", { ...answer, "aria-label": `All is well with ${name}` }, "All is well"),
    ),
  ];
}

function facts({ lastBackup, nextRun, gone }, backups) {
  const parts = [];
  if (lastBackup !== null) {
    const { sealed, bytesOut, holdMs } = lastBackup;
    parts.push(element("span", { title: clock(sealed) }, `Last backup ${ago(sealed)}`));
    parts.push(size(bytesOut));
    if (holdMs !== null) parts.push(`held ${duration(holdMs)}`);
  }
  const drilled = backups.find((one) => recovery(one) !== null);
  if (drilled !== undefined) {
    const { at } = latest(drilled, "drilled");
    parts.push(element("span", { title: clock(at) }, `${recovery(drilled)} in a drill ${ago(at)}`));
  }
  if (!gone)
    parts.push(
      nextRun === null ? "no next run" : element("span", { title: clock(nextRun) }, `next run ${ago(nextRun)}`),
    );
  const joined = parts.flatMap((part, at) => (at === 0 ? [part] : [" · ", part]));
  return joined.length === 0 ? null : element("p", { className: "soft" }, ...joined);
}

function message(severity, about) {
  return element("div", { className: `message ${severity}` }, ...told(about));
}

function startButton({ name, warnings }, { backUp }) {
  const off = warnings.some(({ severity }) => severity === "error");
  const properties = { type: "button", id: `start-${name}`, disabled: off, onclick: () => backUp(name) };
  return element("button", { ...properties, "aria-label": `Back up ${name} now` }, "Back up now");
}

function cancelButton({ name }, { run }, { cancel }) {
  const properties = { type: "button", className: "quiet", id: `cancel-${name}`, onclick: () => cancel(run) };
  return element("button", { ...properties, "aria-label": `Cancel what goes on with ${name}` }, "Cancel");
}

function settings({ name, settings: set, sources, containers, leftOut }, notes) {
  const { schedule, timezone, keep, hold, compression, exclude } = set;
  return element(
    "details",
    { id: `settings-${name}` },
    element("summary", { id: `settings-${name}-title` }, "Settings"),
    element(
      "dl",
      {},
      ...term("Sources", sources.length === 0 ? ["none"] : sources.map(sourceLine)),
      ...term("Containers", containers.map(containerLine)),
      ...term("Schedule", [`${schedule} (${timezone})`]),
      ...term("Drill", [drillLine(set)]),
      ...term("Keeps", [keeping(keep)]),
      ...term("Hold", [hold === "live" ? "none: services run on" : `${hold}, ${set.holdTimeoutSeconds} s at most`]),
      ...term("Compression", [
        compression.type === "none" ? "none" : `${compression.type}, level ${compression.level}`,
      ]),
      ...term("Leaves out", [exclude.length === 0 ? "nothing" : exclude.join("  ")]),
      ...leftOut.flatMap(({ path, reason }) => term("Not backed up", [breakable(path), `: ${reason}`])),
    ),
    ...notes.map((note) => message("note", note)),
  );
}

function drillLine({ timezone, drill: { check, schedule } }) {
  if (check.type === "off") return "off";
  return `${check.type}, ${schedule === null ? "by hand" : `${schedule} (${timezone})`}`;
}

function sourceLine({ path, kind, volume }) {
  const what = kind === "volume" ? ` (volume ${volume ?? "without a name"})` : kind === "include" ? " (included)" : "";
  return element("div", {}, breakable(path), what);
}

function containerLine({ name, image, running, paused }) {
  const state = paused ? ", paused" : running ? "" : ", not running";
  return element("div", {}, `${name}, image ${image}${state}`);
}

function term(name, content) {
  return [element("dt", {}, name), element("dd", {}, ...content)];
}
