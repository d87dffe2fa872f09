import { describe, expect, it } from "vitest";
import {
  answerReport,
  apiError,
  backupList,
  moduleList,
  moduleView,
  pruneReport,
  runList,
  startedRun,
} from "../../src/contract/api.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

describe("modules", () => {
  it("come with their last sound backup and their next run", async () => {
    const { url, operations } = await startServer();
    const [newest, ...older] = operations.sealed;
    if (newest === undefined) throw new Error("the fake has backups");
    operations.sealed = [
      { ...newest, time: "20261123T020000Z", manifest: null, problem: "no manifest" },
      newest,
      ...older,
    ];
    const client = await signedInClient(url);
    const { modules } = await jsonOf(client.get("/api/v1/modules"), moduleList);
    const about = modules.map(({ name, lastBackup, nextRun }) => ({ name, last: lastBackup?.id ?? null, nextRun }));
    expect(about).toEqual([
      { name: "nas", last: "nas/20261122T020000Z", nextRun: "2026-11-23T02:00:00.000Z" },
      { name: "wiki", last: null, nextRun: null },
    ]);
    expect(await jsonOf(client.get("/api/v1/modules/nas"), moduleView)).toEqual(modules[0]);
  });

  it("whose settings are broken have no next run", async () => {
    const { url, operations } = await startServer();
    const error = { severity: "error" as const, message: "davit.schedule is no cron expression" };
    operations.found = operations.found.map((module) => ({ ...module, warnings: [error] }));
    operations.nextRun = () => {
      throw new Error("a schedule that can't be read has no next run");
    };
    const { modules } = await jsonOf((await signedInClient(url)).get("/api/v1/modules"), moduleList);
    expect(modules.map(({ nextRun, warnings }) => [nextRun, warnings])).toEqual([
      [null, [error]],
      [null, [error]],
    ]);
  });

  it("that do not exist are named", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    for (const answer of [
      await client.get("/api/v1/modules/blog"),
      await client.post("/api/v1/modules/blog/backup"),
      await client.post("/api/v1/modules/blog/undo"),
    ]) {
      expect(answer.status).toBe(404);
      expect((await jsonOf(answer, apiError)).error).toMatchObject({
        kind: "missing",
        message: expect.stringContaining("there is no module blog"),
      });
    }
  });
});

describe("what seems a loss of data", () => {
  const anomaly = { kind: "fewer-bytes" as const, message: "there is less than there was" };

  it("stands in lists until it is answered", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const unanswered = async () => {
      const { backups } = await jsonOf(client.get("/api/v1/backups?module=nas"), backupList);
      return backups.map((one) => one.unanswered);
    };
    const [newest, ...older] = operations.sealed;
    if (newest?.manifest == null) throw new Error("the fake has backups");
    const odd = { ...newest, manifest: { ...newest.manifest, anomalies: [anomaly] } };
    operations.sealed = [odd, ...older];
    expect(await unanswered()).toEqual([[anomaly], []]);
    const answer = { kind: "acknowledged" as const, at: "2026-11-22T04:00:00Z", ok: true, ms: 0 };
    operations.sealed = [{ ...odd, evidence: [...odd.evidence, answer] }, ...older];
    expect(await unanswered()).toEqual([[], []]);
  });

  it("is answered for a module, or for one backup, with a note", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    expect(await jsonOf(client.post("/api/v1/modules/nas/ack"), answerReport)).toMatchObject({
      answered: [{ id: "nas/20261122T020000Z" }, { id: "nas/20261121T020000Z" }],
    });
    const note = "moved the photographs";
    await client.post("/api/v1/modules/nas/ack", { time: "20261121T020000Z", note });
    expect(operations.asked).toEqual([
      { what: "ack", id: "nas" },
      { what: `ack: ${note}`, id: "nas/20261121T020000Z" },
    ]);
    expect((await client.post("/api/v1/modules/nas/ack", { time: "yesterday" })).status).toBe(400);
    expect((await client.post("/api/v1/modules/nas/ack", { note: " " })).status).toBe(400);
  });
});

describe("a module", () => {
  it("is backed up once at a time", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const first = await client.post("/api/v1/modules/nas/backup");
    expect(first.status).toBe(202);
    const { run } = await jsonOf(first, startedRun);
    const second = await client.post("/api/v1/modules/nas/backup");
    expect(second.status).toBe(409);
    expect((await jsonOf(second, apiError)).error).toEqual({ kind: "busy", message: `run ${run} has the lock of nas` });
    operations.end(run);
    expect((await client.post("/api/v1/modules/nas/backup")).status).toBe(202);
    const { runs } = await jsonOf(client.get("/api/v1/runs?module=nas"), runList);
    expect(runs.map(({ outcome }) => outcome)).toEqual([null, "ok"]);
  });

  it("gets the data back that its last restore renamed aside", async () => {
    const { url, operations } = await startServer();
    const undone = await (await signedInClient(url)).post("/api/v1/modules/nas/undo");
    expect(undone.status).toBe(202);
    await jsonOf(undone, startedRun);
    expect(operations.asked).toEqual([{ what: "undo", id: "nas" }]);
  });

  it("is pruned, with a reason for each backup", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const dry = await jsonOf(client.post("/api/v1/modules/nas/prune", { dryRun: true }), pruneReport);
    expect(dry.dryRun).toBe(true);
    expect(dry.decisions.map(({ id, keep }) => [id, keep])).toEqual([
      ["nas/20261122T020000Z", true],
      ["nas/20261121T020000Z", false],
    ]);
    expect((await jsonOf(client.post("/api/v1/modules/nas/prune"), pruneReport)).dryRun).toBe(false);
    expect(operations.asked.map(({ what }) => what)).toEqual(["prune --dry-run", "prune"]);
  });

  it("is not pruned by a request whose dry run would be overlooked", async () => {
    const { url, operations } = await startServer();
    const { cookie, csrf } = await signedInClient(url);
    const form = await fetch(`${url}/api/v1/modules/nas/prune`, {
      method: "POST",
      headers: { cookie, "x-davit-csrf": csrf, "content-type": "application/x-www-form-urlencoded" },
      body: '{"dryRun":true}',
    });
    expect(form.status).toBe(415);
    expect((await jsonOf(form, apiError)).error.hint).toContain("application/json");
    const client = await signedInClient(url);
    const misspelt = await client.post("/api/v1/modules/nas/prune", { dryrun: true });
    expect(misspelt.status).toBe(400);
    expect((await jsonOf(misspelt, apiError)).error.message).toContain("dryrun");
    expect(operations.asked).toEqual([]);
  });
});
