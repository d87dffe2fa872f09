import { breakable, element, sign } from "./element.js";
import { ago, clock, duration, kinds, outcomes } from "./words.js";

const tones = { ok: "good", failed: "bad", interrupted: "bad", cancelled: "warn" };

/** The last runs and how they ended, with what to do about those that failed. */
export function runList(runs) {
  return element("ul", { className: "rows" }, ...runs.slice(0, 10).map(row));
}

function row({ kind, module, outcome, started, ended, failure }) {
  const took = ended === null ? "" : `, took ${duration(new Date(ended) - new Date(started))}`;
  return element(
    "li",
    {},
    element("span", {}, sign(tones[outcome] ?? "on"), ` ${kinds[kind] ?? kind} of ${module}`),
    element("span", {}, outcome === null ? "goes on" : outcomes[outcome]),
    element("span", { className: "soft", title: clock(started) }, `${ago(started)}${took}`),
    failure === null ? null : element("div", { className: "wide message error" }, ...told(failure)),
  );
}

/** A message and, where there is one, its hint. */
export function told({ message, hint }) {
  return [
    element("div", {}, breakable(message)),
    hint === undefined ? null : element("div", { className: "hint" }, breakable(hint)),
  ];
}
