import { breakable, element, sign } from "./element.js";
import { liveRun } from "./live-run.js";
import { moduleCard } from "./module-card.js";
import { byUrgency, moduleState } from "./module-state.js";
import { machinesAtRisk, refreshMachines } from "./machines.js";
import { request, unreadiness } from "./request.js";
import { runList } from "./run-list.js";
import { clock, counted } from "./words.js";

const at = (id) => document.getElementById(id);
const refreshMs = 30_000;
/** A browser opens six connections to one host: this many streams leave room for everything else. */
const mostFollowed = 3;

let data = null;
/** When `data` came. */
let loaded = null;
let signedIn = false;
/** The runs that are followed, by module. */
const live = new Map();

const actions = {
  backUp: (module) => start(`modules/${encodeURIComponent(module)}/backup`, module, "backup"),
  verify: ({ module, time }) => start(`backups/${encodeURIComponent(module)}/${time}/verify`, module, "verify"),
  drill: ({ module, time }) => start(`backups/${encodeURIComponent(module)}/${time}/drill`, module, "drill"),
  acknowledge: (module) =>
    attempt(async () => {
      await request("POST", `modules/${encodeURIComponent(module)}/ack`, {});
      await refresh();
    }),
  cancel: (run) => attempt(() => request("POST", `runs/${encodeURIComponent(run)}/cancel`)),
};

async function start(route, module, kind) {
  await attempt(async () => {
    const { run } = await request("POST", route);
    follow({ run, module, kind, stage: null, progress: null });
    draw();
  });
}

function follow(run) {
  if (live.get(run.module)?.run === run.run || live.size >= mostFollowed) return;
  const followed = liveRun(run, (ended) => {
    if (live.get(run.module) === followed) live.delete(run.module);
    // A stream that was refused is tried again with the next look at everything, not at once.
    if (ended && signedIn) void refresh();
  });
  live.set(run.module, followed);
}

/** Asks for everything again, the machines apart from all else. What goes wrong takes the place of the headline, since nothing below can be relied on then. */
async function refresh() {
  // What goes wrong there is told by what is asked besides, or shows in their place.
  refreshMachines(attempt, keepPlace)
    .then(() => data !== null && draw())
    .catch(() => undefined);
  try {
    const [reasons, { modules }, { backups }, { runs }] = await Promise.all([
      unreadiness(),
      request("GET", "modules"),
      request("GET", "backups"),
      request("GET", "runs?limit=200"),
    ]);
    data = { reasons, modules, backups, runs };
    loaded = new Date();
    for (const run of runs.filter(({ outcome }) => outcome === null)) follow(run);
    draw();
  } catch (problem) {
    if (problem.status === 401) show("sign-in");
    else headline("bad", `Can't tell whether all is safe: ${textOf(problem)}`, stale());
  }
}

function stale() {
  return loaded === null
    ? ""
    : `What is shown below is from ${clock(loaded)}. This page asks again every half a minute.`;
}

function draw() {
  const { modules, backups, runs } = data;
  const here = new Set(modules.map(({ name }) => name));
  const gone = new Set(backups.map(({ module }) => module).filter((name) => !here.has(name)));
  const entries = [...modules, ...Array.from(gone, (name) => ({ name, gone: true, warnings: [], lastBackup: null }))]
    .map((module) => {
      const own = backups.filter((backup) => backup.module === module.name);
      return { module, backups: own, state: moduleState(module, own, runs) };
    })
    .toSorted(byUrgency);
  drawHeadline(entries.filter(({ module }) => !module.gone));
  keepPlace(() => {
    at("modules").replaceChildren(...entries.map((entry) => moduleCard(entry, runs, goingOn(entry.module), actions)));
    at("runs").replaceChildren(runList(runs));
  });
  at("modules-section").hidden = entries.length === 0;
  at("runs-section").hidden = runs.length === 0;
}

/** What goes on with a module, be it without the line that follows it. */
function goingOn({ name }) {
  const run = data.runs.find(({ module, outcome }) => module === name && outcome === null);
  return live.get(name) ?? (run === undefined ? undefined : { run: run.run, node: null });
}

function drawHeadline(entries) {
  const off = entries.filter(({ state }) => state.tone !== "good");
  const bad = off.filter(({ state }) => state.tone === "bad");
  const of = `of ${counted(entries.length, "module")}`;
  if (data.reasons.length > 0)
    headline(
      "bad",
      "Davit can't do its work now",
      element("ul", {}, ...data.reasons.map((one) => element("li", {}, breakable(one)))),
    );
  else if (entries.length === 0)
    headline("warn", "Nothing is backed up yet", at("how-to-begin").content.cloneNode(true));
  else if (bad.length > 0)
    headline("bad", `${bad.length} ${of} ${bad.length === 1 ? "is" : "are"} not safe`, reasons(off));
  else if (off.length > 0)
    headline(
      "warn",
      `All is backed up; ${off.length} ${of} ${off.length === 1 ? "needs" : "need"} a look`,
      reasons(off),
    );
  else if (machinesAtRisk().length > 0)
    headline("bad", "The modules are safe, but not every machine", machineReasons(machinesAtRisk()));
  else headline("good", "All is safe", `${counted(entries.length, "module")}, each with a sound backup`);
}

function reasons(entries) {
  const line = ({ module: { name }, state }) =>
    element("li", {}, sign(state.tone), " ", element("a", { href: `#module-${name}` }, name), `: ${state.word}`);
  return element("ul", {}, ...entries.map(line));
}

function machineReasons(machines) {
  const line = ({ name, word }) =>
    element("li", {}, sign("bad"), " ", element("a", { href: `#machine-${name}` }, name), `: ${word}`);
  return element("ul", {}, ...machines.map(line));
}

/** What a person sees first. Left alone while it says the same, so that a screen reader does not repeat it. */
function headline(tone, title, more) {
  const said = element("div", {}, element("h1", {}, sign(tone), ` ${title}`), more);
  document.title = `${title} – Davit`;
  if (at("headline").textContent === said.textContent) return;
  at("headline").replaceChildren(...said.childNodes);
}

/** Redraws, and leaves open what was open and the focus where it was. */
function keepPlace(redraw) {
  const open = Array.from(document.querySelectorAll("details[open]"), ({ id }) => id);
  const focused = document.activeElement;
  const card = focused?.closest(".card");
  redraw();
  for (const id of open) at(id)?.setAttribute("open", "");
  if (focused?.isConnected === false) (at(focused.id) ?? at(card?.id))?.focus({ preventScroll: true });
}

/** Does something with the API; what goes wrong is shown, and a session that ended leads to the sign-in form. */
async function attempt(work) {
  at("notice").hidden = true;
  try {
    await work();
  } catch (problem) {
    if (problem.status === 401) show("sign-in");
    else {
      at("notice-text").textContent = textOf(problem);
      at("notice").hidden = false;
      // The headline may no longer be true.
      if (signedIn && problem.status === undefined) void refresh();
    }
  }
}

function textOf({ status, message, hint }) {
  if (status === undefined) return "Davit does not answer";
  return hint === undefined ? message : `${message}: ${hint}`;
}

function show(what) {
  signedIn = what === "overview";
  at("overview").hidden = !signedIn;
  at("sign-out").hidden = !signedIn;
  at("sign-in").hidden = signedIn;
  if (!signedIn) {
    document.title = "Davit";
    at("password").focus();
  }
}

async function enter() {
  await request("GET", "session");
  show("overview");
  await refresh();
}

at("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const password = at("password");
  const problem = at("sign-in-problem");
  problem.textContent = "";
  request("POST", "session", { password: password.value })
    .then(() => {
      password.value = "";
      return attempt(enter);
    })
    .catch((error) => {
      problem.textContent = textOf(error);
      password.select();
    });
});
at("sign-out").addEventListener("click", () => {
  void attempt(async () => {
    await request("DELETE", "session");
    location.reload();
  });
});
at("notice-close").addEventListener("click", () => {
  at("notice").hidden = true;
});
setInterval(() => {
  if (signedIn && !document.hidden) void refresh();
}, refreshMs);
void attempt(enter);
