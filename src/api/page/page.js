import { backupTable, runTable } from "./lists.js";
import { element } from "./element.js";
import { moduleCard, moduleState } from "./module-card.js";
import { followRun, request } from "./request.js";
import { counted } from "./words.js";

const at = (id) => document.getElementById(id);
const refreshMs = 30_000;

let data = { modules: [], backups: [], runs: [] };
/** What goes on now, by module. */
const live = new Map();
let showAll = false;
let signedIn = false;

const actions = {
  backUp: (module) => act(() => request("POST", `modules/${encodeURIComponent(module)}/backup`), module, "backup"),
  verify: ({ module, time }) =>
    act(() => request("POST", `backups/${encodeURIComponent(module)}/${time}/verify`), module, "verify"),
  cancel: (run) => attempt(() => request("POST", `runs/${encodeURIComponent(run)}/cancel`)),
};

async function act(start, module, kind) {
  await attempt(async () => {
    const { run } = await start();
    follow({ run, module, kind });
  });
}

function follow({ run, module, kind }) {
  if (live.get(module)?.run === run) return;
  const now = { run, kind, stage: null, progress: null };
  live.set(module, now);
  drawModules();
  const onEvent = (event) => {
    if (event.type === "stage") now.stage = event.stage;
    if (event.type === "progress") now.progress = event.progress;
    drawModules();
  };
  followRun(run, onEvent, () => {
    if (live.get(module) === now) live.delete(module);
    void attempt(refresh);
  });
}

async function refresh() {
  const [{ modules }, { backups }, { runs }] = await Promise.all([
    request("GET", "modules"),
    request("GET", "backups"),
    request("GET", "runs?limit=100"),
  ]);
  data = { modules, backups, runs };
  for (const run of runs.filter(({ outcome }) => outcome === null)) follow(run);
  draw();
}

function draw() {
  drawHeadline();
  drawModules();
  const all = { all: showAll, verify: actions.verify };
  at("backups").replaceChildren(backupTable(data.backups, { ...all, showAll: () => ((showAll = true), draw()) }));
  at("runs").replaceChildren(runTable(data.runs));
}

function drawHeadline() {
  const states = data.modules.map((module) => ({ module, ...moduleState(module, data.runs) }));
  const off = states.filter(({ tone }) => tone !== "good");
  const tone = off.some((state) => state.tone === "bad") ? "bad" : off.length > 0 ? "warn" : "good";
  const headline = at("headline");
  headline.className = `headline ${data.modules.length === 0 ? "warn" : tone}`;
  const says = (title, text) =>
    headline.replaceChildren(element("h1", {}, title), element("p", { className: "soft" }, text));
  if (states.length === 0)
    says("Nothing is backed up", "Give a container the label davit.enable=true, and it appears here.");
  else if (off.length === 0) says("All is backed up", `${counted(states.length, "module")}, each with a sound backup.`);
  else
    says(
      `${off.length} of ${counted(states.length, "module")} ${off.length === 1 ? "needs" : "need"} a look`,
      off.map(({ module, word }) => `${module.name}: ${word.toLowerCase()}`).join("; "),
    );
}

function drawModules() {
  const open = new Set(Array.from(document.querySelectorAll("#modules details[open]"), ({ id }) => id));
  const focused = focusedControl();
  const cards = data.modules.map((module) => moduleCard(module, data.runs, live.get(module.name), actions));
  const none = element("p", { className: "empty soft" }, "No container has the label davit.enable=true.");
  at("modules").replaceChildren(...(cards.length === 0 ? [none] : cards));
  for (const id of open) at(id)?.setAttribute("open", "");
  if (focused !== null) controls(at("modules").children[focused.card])[focused.control]?.focus({ preventScroll: true });
}

/** What holds the focus in the cards, so that a redraw does not take it away from who works by keyboard. */
function focusedControl() {
  const cards = Array.from(at("modules").children);
  const card = cards.findIndex((one) => one.contains(document.activeElement));
  return card < 0 ? null : { card, control: controls(cards[card]).indexOf(document.activeElement) };
}

function controls(card) {
  return Array.from(card?.querySelectorAll("summary, button") ?? []);
}

/** Does something with the API; what goes wrong is shown, and a session that ended leads to the sign-in form. */
async function attempt(work) {
  try {
    await work();
    at("notice").hidden = true;
  } catch (problem) {
    if (problem.status === 401) {
      show("sign-in");
      return;
    }
    const text = problem.status === undefined ? "Davit does not answer" : problem.message;
    at("notice").textContent = problem.hint === undefined ? text : `${text}: ${problem.hint}`;
    at("notice").hidden = false;
  }
}

function show(what) {
  signedIn = what === "overview";
  at("overview").hidden = !signedIn;
  at("sign-out").hidden = !signedIn;
  at("sign-in").hidden = signedIn;
  if (!signedIn) at("password").focus();
}

async function enter() {
  await request("GET", "session");
  await refresh();
  show("overview");
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
      problem.textContent = error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
      password.select();
    });
});
at("sign-out").addEventListener("click", () => {
  void attempt(async () => {
    await request("DELETE", "session");
    show("sign-in");
  });
});
setInterval(() => {
  if (signedIn && !document.hidden) void attempt(refresh);
}, refreshMs);
void attempt(enter);
