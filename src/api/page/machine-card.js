import { ladder } from "./backup-list.js";
import { breakable, element, sign } from "./element.js";
import { told } from "./run-list.js";
import { ago, backupInstant, clock, duration, failedProof, size } from "./words.js";

const jobs = [
  ["incremental", "Back up now", "Back up"],
  ["verify", "Verify", "Verify"],
  ["drill", "Drill", "Drill"],
];

/** A machine of the physical host: how it is, its newest point with its rungs of proof, and what can be started. */
export function machineCard(machine, live, start) {
  const { name, state, problem, points, warnings } = machine;
  const newest = newestPoint(machine);
  const tone = toneOf(machine, newest);
  return element(
    "article",
    { className: "card", id: `machine-${name}`, tabIndex: -1, "aria-label": `Machine ${name}` },
    element(
      "header",
      {},
      element(
        "h3",
        {},
        sign(tone),
        `\u00a0${name}`,
        element("span", { className: `state ${tone}` }, ` ${state ?? "unknown"}`),
      ),
      live === undefined ? element("span", {}, ...jobs.flatMap((job) => [startButton(name, job, start), " "])) : null,
    ),
    live?.node ?? null,
    problem === null ? null : message("error", { message: problem }),
    ...warnings.map((one) => message(one.severity, one)),
    facts(machine, newest),
    newest === null
      ? null
      : ladder({ ...newest, sealed: newest.manifest?.sealed ?? backupInstant(newest.time) }, [
          "sealed",
          "verified",
          "drilled",
        ]),
    pictureOf(points),
  );
}

/** What the agent can't be asked for, in place of its machines. */
export function agentProblem({ address, problem }) {
  return element("div", { className: "message error" }, element("div", {}, breakable(address)), ...told(problem));
}

/** The newest point that can be used; null for none. */
export function newestPoint({ points }) {
  return points.find((one) => one.problem === null) ?? null;
}

/** How safe a machine is. */
export function toneOf({ problem, warnings }, newest) {
  if (problem !== null || newest === null || failedProof(newest) !== null) return "bad";
  return warnings.some(({ severity }) => severity !== "note") ? "warn" : "good";
}

function startButton(name, [job, text, word], start) {
  return element(
    "button",
    {
      type: "button",
      className: job === "incremental" ? "" : "quiet",
      id: `${job}-machine-${name}`,
      "aria-label": `${word} the machine ${name} now`,
      onclick: () => start(name, job),
    },
    text,
  );
}

function facts({ points, next }, newest) {
  const parts = [];
  if (newest === null) parts.push("no point yet");
  else {
    const taken = backupInstant(newest.time);
    parts.push(element("span", { title: clock(taken) }, `Newest point ${ago(taken)}`));
    const { disks = [], quiesce = { used: [], ms: null }, type } = newest.manifest ?? {};
    if (type !== undefined) parts.push(`${type}, ${size(disks.reduce((sum, { bytes }) => sum + bytes, 0))}`);
    if (quiesce.used.length > 0)
      parts.push(`${quiesce.used.join(" and ")}${quiesce.ms === null ? "" : `, ${duration(quiesce.ms)}`}`);
  }
  const chains = new Set(points.map(({ chain }) => chain)).size;
  parts.push(
    `${points.length} ${points.length === 1 ? "point" : "points"} in ${chains} ${chains === 1 ? "chain" : "chains"}`,
  );
  const soonest = [next.incremental, next.full].filter((at) => at !== null).toSorted((a, b) => (a < b ? -1 : 1))[0];
  parts.push(
    soonest === undefined ? "no next backup" : element("span", { title: clock(soonest) }, `next ${ago(soonest)}`),
  );
  return element("p", { className: "soft" }, ...parts.flatMap((part, at) => (at === 0 ? [part] : [" · ", part])));
}

/** What the last boot drill saw. Loaded once somebody opens it. */
function pictureOf(points) {
  const drilled = points.find(({ screenshot }) => screenshot);
  if (drilled === undefined) return null;
  const { machine, chain, time } = drilled;
  const proof = drilled.evidence.findLast(({ kind }) => kind === "drilled");
  const what = `the machine in its last boot drill${proof?.ok === false ? ", which failed" : ""}`;
  return element(
    "details",
    { id: `picture-${machine}` },
    element("summary", { id: `picture-${machine}-title` }, `Picture of ${what}`),
    element("img", {
      className: "picture",
      loading: "lazy",
      alt: `Screen of ${what}, of ${clock(backupInstant(time))}`,
      src: `api/v1/machines/${encodeURIComponent(machine)}/points/${chain}/${time}/screenshot`,
    }),
  );
}

function message(severity, about) {
  return element("div", { className: `message ${severity}` }, ...told(about));
}
