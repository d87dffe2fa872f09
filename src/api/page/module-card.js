import { element } from "./element.js";
import { ago, clock, counted, keeping, kinds, outcomes, proof, size } from "./words.js";

/** How a module is, in a word and a tone: `bad`, `warn` or `good`. */
export function moduleState(module, runs) {
  if (module.warnings.some(({ severity }) => severity === "error")) return { word: "Not backed up", tone: "bad" };
  const last = runs.find((run) => run.module === module.name && run.kind === "backup" && run.outcome !== null);
  if (last !== undefined && last.outcome !== "ok")
    return { word: `Last backup ${outcomes[last.outcome]}`, tone: "bad" };
  if (module.lastBackup === null) return { word: "Never backed up", tone: "warn" };
  const { tone, word } = proof(module.lastBackup);
  return tone === "bad" || tone === "warn"
    ? { word: `Last backup: ${word}`, tone }
    : { word: "Backed up", tone: "good" };
}

/** One module: its state, its last and next backup, what is off, and the button. */
export function moduleCard(module, runs, live, actions) {
  const { word, tone } = moduleState(module, runs);
  const failed = runs.find((run) => run.module === module.name && run.outcome !== null);
  const failure = failed?.outcome === "ok" ? null : (failed?.failure ?? null);
  return element(
    "article",
    { className: "card", "aria-label": `module ${module.name}` },
    element("header", {}, element("h3", {}, module.name), element("span", { className: `state ${tone}` }, word)),
    facts(module),
    failure === null ? null : message({ severity: "error", ...failure }),
    ...module.warnings.map(message),
    details(module),
    element(
      "div",
      { className: "actions" },
      ...(live === undefined ? [startButton(module, actions)] : progressOf(live, actions)),
    ),
  );
}

function facts({ lastBackup, nextRun, sources }) {
  const last =
    lastBackup === null
      ? "none yet"
      : `${lastBackup.sealed === null ? "" : ago(lastBackup.sealed)}, ${size(lastBackup.bytesOut ?? 0)}, ${proof(lastBackup).word}`;
  const next = nextRun === null ? "not scheduled" : `${ago(nextRun)}, ${clock(nextRun)}`;
  return element(
    "dl",
    {},
    ...term("Last backup", last),
    ...term("Next run", next),
    ...term("Sources", ...(sources.length === 0 ? ["none"] : sources.map(sourceLine))),
  );
}

function sourceLine({ path, kind, volume }) {
  const path_ = element("span", { className: "path" }, path);
  return kind === "bind" ? path_ : element("span", {}, path_, ` (${volume === undefined ? kind : `volume ${volume}`})`);
}

function details({ name, settings, containers, leftOut }) {
  const { schedule, timezone, keep, hold, compression, exclude } = settings;
  return element(
    "details",
    { id: `settings-${name}` },
    element("summary", {}, `Settings, ${counted(containers.length, "container")}`),
    element(
      "dl",
      {},
      ...term("Schedule", element("code", {}, schedule), ` ${timezone}`),
      ...term("Keeps", keeping(keep)),
      ...term("Hold", hold === "live" ? "none: services run on" : `${hold}, ${settings.holdTimeoutSeconds} s at most`),
      ...term("Compression", compression.type === "none" ? "none" : `${compression.type}, level ${compression.level}`),
      ...term(
        "Leaves out",
        exclude.length === 0 ? "nothing" : element("span", { className: "path" }, exclude.join("  ")),
      ),
      ...term("Containers", ...containers.map(containerLine)),
      ...leftOut.flatMap(({ path, reason }) =>
        term("Not backed up", element("span", { className: "path" }, path), ` ${reason}`),
      ),
    ),
  );
}

function containerLine({ name, image, running, paused }) {
  const state = paused ? ", paused" : running ? "" : ", not running";
  return element("div", {}, name, element("span", { className: "soft" }, ` ${image}${state}`));
}

function term(name, ...content) {
  return [element("dt", {}, name), element("dd", {}, ...content)];
}

function message({ severity, message: text, hint }) {
  return element(
    "div",
    { className: `message ${severity}` },
    element("div", {}, text),
    hint === undefined ? null : element("div", { className: "soft" }, hint),
  );
}

function startButton(module, { backUp }) {
  const broken = module.warnings.some(({ severity }) => severity === "error");
  return element("button", { type: "button", disabled: broken, onclick: () => backUp(module.name) }, "Back up now");
}

function progressOf({ run, kind, stage, progress }, { cancel }) {
  const bar = element("progress", { "aria-label": "progress" });
  if (progress?.totalBytes > 0) {
    bar.max = progress.totalBytes;
    bar.value = Math.min(progress.bytes, progress.totalBytes);
  }
  const much = progress === null ? "" : ` · ${counted(progress.entries, "file")} · ${size(progress.bytes)}`;
  return [
    element("div", { className: "live" }, `${kinds[kind] ?? kind}: ${stage ?? "starting"}${much}`, bar),
    element("button", { type: "button", className: "quiet", onclick: () => cancel(run) }, "Cancel"),
  ];
}
