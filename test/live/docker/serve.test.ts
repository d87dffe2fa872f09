import { access, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import {
  backupList,
  fileList,
  moduleList,
  pruneReport,
  readiness,
  restorePreview,
  startedRun,
} from "../../../src/contract/api.ts";
import { runEvent } from "../../../src/contract/run-event.ts";
import { sentEvents } from "../../api/server-sent-events.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, removeContainer, stateOf } from "../../fixtures/live/engine.ts";
import { freezeWhileHeld } from "../../fixtures/live/freeze-while-held.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { mountInMemory } from "../../fixtures/live/mount-in-memory.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { untilArchiving } from "../../fixtures/live/until-archiving.ts";
import { runTool } from "../../fixtures/run-tool.ts";

const containers = new Containers();
const password = "correct horse battery";
const everyMinute = { "davit.schedule": "* * * * *" };
/** With `slow`, a backup that takes many seconds. */
const slowly = { "davit.compression": "zstd:19" };

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

async function plain(source: string): Promise<void> {
  await writeFile(join(source, "one"), "first\n");
  await runTool("dd", "if=/dev/urandom", `of=${join(source, "noise")}`, "bs=1M", "count=3", "status=none");
}

async function slow(source: string): Promise<void> {
  await runTool("sh", "-c", 'head -c 15M /dev/urandom | base64 >"$1"', "sh", join(source, "slow"));
}

async function signedIn({ davit }: Pick<LabelledModule, "davit">): Promise<ServedDavit> {
  davit.environment["DAVIT_PASSWORD"] = password;
  const served = await ServedDavit.over(davit);
  await served.signIn(password);
  return served;
}

async function moduleNames(served: ServedDavit): Promise<string[]> {
  return (await served.get("/api/v1/modules", moduleList)).modules.map((one) => one.name);
}

async function untilKnown(served: ServedDavit, module: string): Promise<void> {
  await expect.poll(() => moduleNames(served), { timeout: 30_000 }).toContain(module);
}

async function partials({ davit, module }: LabelledModule): Promise<string[]> {
  return (await readdir(join(davit.vault, module))).filter((name) => name.startsWith("."));
}

it("serve prints its first password once, tells how it is, and follows the containers", async () => {
  const { davit, module } = await labelledModule(containers, plain);
  const served = await ServedDavit.over(davit);
  const first = /^first password for the panel: (\S+)\n$/u.exec(served.printed.stdout)?.[1] ?? "";
  expect(first).toMatch(/^[a-z2-9]{5}(?:-[a-z2-9]{5}){3}$/u);
  expect(await (await fetch(`${served.url}/healthz`)).json()).toEqual({ ok: true });
  expect(await served.get("/readyz", readiness)).toEqual({ ready: true, reasons: [] });
  expect((await fetch(`${served.url}/api/v1/modules`)).status).toBe(401);
  await served.signIn(first);
  await untilKnown(served, module);

  const other = await labelledModule(containers, plain, {}, davit);
  await untilKnown(served, other.module);
  await removeContainer(other.id);
  await expect.poll(() => moduleNames(served), { timeout: 30_000 }).not.toContain(other.module);
  expect(await served.end("SIGTERM")).toBe(0);

  const again = await ServedDavit.over(davit);
  expect(again.printed.stdout).toBe("");
  await again.signIn(first);
  expect(again.printed.stderr).not.toContain(first);
});

it("what the CLI can do, a client of the API can do", async () => {
  const scene = await labelledModule(containers, plain);
  const { davit, module, id, source } = scene;
  const served = await signedIn(scene);
  await untilKnown(served, module);

  const run = await served.begin(`/api/v1/modules/${module}/backup`);
  const stream = await served.fetch(`/api/v1/runs/${run}/events`, { accept: "text/event-stream" });
  const sent = await Array.fromAsync(sentEvents(stream));
  expect(sent.pop()).toEqual({ event: "end", data: "{}" });
  const polled = await served.eventsOf(run);
  expect(sent.map(({ data }) => runEvent.parse(JSON.parse(data ?? "")))).toEqual(polled);
  expect(polled[0]).toMatchObject({ type: "started", kind: "backup", module, trigger: "api" });
  expect(polled.flatMap((event) => (event.type === "stage" ? [event.stage] : []))).toEqual([
    "discover",
    "plan",
    "archive",
    "hold",
    "catch-up",
    "compact",
    "seal",
    "rotate",
  ]);
  expect(polled.at(-1)).toMatchObject({ type: "ended", outcome: "ok" });

  const { backups } = await served.get(`/api/v1/backups?module=${module}`, backupList);
  expect(backups).toMatchObject([{ module, problem: null, consistent: true }]);
  const backup = `/api/v1/backups/${backups[0]?.id}`;
  const { entries } = await served.get(`${backup}/files`, fileList);
  expect(entries.map((entry) => `/${entry.path}`)).toEqual([source, join(source, "noise"), join(source, "one")]);
  const download = await served.fetch(`${backup}/file?path=${encodeURIComponent(join(source, "noise"))}`);
  const bytes = Buffer.from(await download.arrayBuffer());
  expect(bytes.equals(await readFile(join(source, "noise")))).toBe(true);

  await rm(join(source, "one"));
  const preview = await served.post(`${backup}/restore/preview`, restorePreview, { inPlace: true });
  expect(preview).toMatchObject({ entries: 3, created: 1, replaced: 2, stops: [module], keptAside: [source] });
  await served.finish(`${backup}/restore`, { inPlace: true });
  expect(await readFile(join(source, "one"), "utf8")).toBe("first\n");
  expect(await stateOf(id)).toBe("running");
  await served.finish(`/api/v1/modules/${module}/undo`);
  await expect(access(join(source, "one"))).rejects.toThrow("ENOENT");
  expect(await stateOf(id)).toBe("running");

  await served.finish(`${backup}/verify`);
  const listed = await served.get(`/api/v1/backups?module=${module}`, backupList);
  expect(listed.backups).toMatchObject([{ evidence: [{ kind: "verified", ok: true }] }]);
  const pruned = await served.post(`/api/v1/modules/${module}/prune`, pruneReport, { dryRun: true });
  expect(pruned).toMatchObject({ dryRun: true, decisions: [{ id: backups[0]?.id, keep: true }] });
  expect(await davit.json("runs", module)).toMatchObject(
    ["verify", "undo", "restore", "backup"].map((kind) => ({ kind, trigger: "api", outcome: "ok" })),
  );
});

it("a backup that is cancelled through the API lets the container go and leaves nothing", async () => {
  const scene = await labelledModule(containers, slow, slowly);
  const { module, id } = scene;
  const served = await signedIn(scene);
  const run = await served.begin(`/api/v1/modules/${module}/backup`);
  await untilArchiving(scene);
  await served.post(`/api/v1/runs/${run}/cancel`, startedRun);
  expect((await served.eventsOf(run)).at(-1)).toMatchObject({ outcome: "cancelled" });
  expect(await stateOf(id)).toBe("running");
  expect(await partials(scene)).toEqual([]);
  // Once more is no mistake.
  await served.post(`/api/v1/runs/${run}/cancel`, startedRun);
});

it("modules are backed up at their times, and such a run can be cancelled", async () => {
  const scene = await labelledModule(containers, plain, everyMinute);
  const { davit, module } = scene;
  davit.environment["DAVIT_PARALLEL"] = "2";
  const other = await labelledModule(containers, slow, { ...everyMinute, ...slowly }, davit);
  const served = await signedIn(scene);
  await untilArchiving(other);
  const [going] = await served.runsOf(other.module);
  expect(going).toMatchObject({ kind: "backup", trigger: "schedule", outcome: null });
  await served.post(`/api/v1/runs/${going?.run}/cancel`, startedRun);
  await expect
    .poll(() => served.runsOf(other.module), { timeout: 30_000 })
    .toMatchObject([{ run: going?.run, outcome: "cancelled" }]);
  expect(await stateOf(other.id)).toBe("running");
  await expect
    .poll(async () => (await served.runsOf(module)).at(-1), { timeout: 100_000 })
    .toMatchObject({ kind: "backup", trigger: "schedule", outcome: "ok" });
});

it("SIGTERM in the middle of a backup ends it cleanly", async () => {
  const scene = await labelledModule(containers, slow, slowly);
  const { davit, module, id } = scene;
  const served = await signedIn(scene);
  await served.begin(`/api/v1/modules/${module}/backup`);
  await untilArchiving(scene);
  expect(await served.end("SIGTERM")).toBe(0);
  expect(await stateOf(id)).toBe("running");
  expect(await partials(scene)).toEqual([]);
  expect(await davit.json("runs", module)).toMatchObject([{ outcome: "cancelled" }]);
});

it("kill -9 in the middle of a hold is put right by the next start", async () => {
  const scene = await labelledModule(containers, async (source) => {
    await mountInMemory(source);
    await slow(source);
    await runTool("cp", join(source, "slow"), join(source, "again"));
  });
  const { module, id } = scene;
  const killed = await signedIn(scene);
  await killed.begin(`/api/v1/modules/${module}/backup`);
  await freezeWhileHeld(killed.child, scene);
  await killed.end("SIGKILL");
  expect(await stateOf(id)).toBe("paused");
  expect(await partials(scene)).toHaveLength(1);
  const served = await signedIn(scene);
  expect(await stateOf(id)).toBe("running");
  expect(await partials(scene)).toEqual([]);
  expect(await served.runsOf(module)).toMatchObject([{ outcome: "interrupted" }]);
});

it("a run that was missed while Davit was down is made up for", async () => {
  const due = new Date((Math.floor((Date.now() + 15_000) / 60_000) + 1) * 60_000);
  const schedule = `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`;
  const scene = await labelledModule(containers, plain, { "davit.schedule": schedule });
  const { davit, module } = scene;
  const before = await ServedDavit.over(davit);
  const known = (): Promise<string> => readFile(join(davit.state, "schedule.json"), "utf8").catch(() => "");
  await expect.poll(known, { timeout: 30_000 }).toContain(module);
  await before.end("SIGTERM");
  expect(Date.now()).toBeLessThan(due.getTime());
  // What begins a minute and a half late was missed.
  await expect.poll(() => Date.now(), { timeout: 200_000, interval: 250 }).toBeGreaterThan(due.getTime() + 91_000);
  const served = await signedIn(scene);
  await expect
    .poll(() => served.runsOf(module), { timeout: 60_000 })
    .toMatchObject([{ kind: "backup", trigger: "catch-up", outcome: "ok" }]);
});

it("a second serve over the same state refuses to start, and harms nothing of the first", async () => {
  const scene = await labelledModule(containers, slow, slowly);
  const { davit, module, id } = scene;
  const first = await signedIn(scene);
  const run = await first.begin(`/api/v1/modules/${module}/backup`);
  await untilArchiving(scene);
  const second = await davit.run("serve");
  expect(second.code).toBe(5);
  expect(second.stderr).toContain(`another \`davit serve\` uses the state folder ${davit.state}`);
  expect(await partials(scene)).toHaveLength(1);
  expect((await first.eventsOf(run)).at(-1)).toMatchObject({ outcome: "ok" });
  expect(await stateOf(id)).toBe("running");
});

it("a run that has to wait for a slot has its id at once, and can be cancelled while it waits", async () => {
  const scene = await labelledModule(containers, slow, slowly);
  const { davit, module } = scene;
  const other = await labelledModule(containers, plain, {}, davit);
  const served = await signedIn(scene);
  await untilKnown(served, module);
  await untilKnown(served, other.module);
  const busy = await served.begin(`/api/v1/modules/${module}/backup`);
  await untilArchiving(scene);
  const waiting = await served.begin(`/api/v1/modules/${other.module}/backup`);
  const cancelled = await served.begin(`/api/v1/runs/${waiting}/cancel`);
  expect(cancelled).toBe(waiting);
  const events = await served.eventsOf(waiting);
  expect(events.map((event) => event.type)).toEqual(["started", "stage", "ended"]);
  expect(events.at(-1)).toMatchObject({ outcome: "cancelled" });
  expect((await served.eventsOf(busy)).at(-1)).toMatchObject({ outcome: "ok" });
});
