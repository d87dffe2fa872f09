import { describe, expect, it, vi } from "vitest";
import { apiError, backupList, fileList, startedRun } from "../../src/contract/api.ts";
import { backupSummary, type Evidence, indexEntry } from "../../src/contract/manifest.ts";
import { exampleBackup, exampleEntry } from "../fakes/examples.ts";
import { base64 } from "../fakes/operations.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

const backup = "/api/v1/backups/nas/20261122T020000Z";
const odd = "etc/caf\xe9";

async function serverWithFiles() {
  const server = await startServer();
  for (const name of ["etc/hosts", `${odd}/menu.txt`, "etc/caf\xc3\xa9.txt", "etcetera", "var/mail"])
    server.operations.addFile(name, name);
  return { ...server, client: await signedInClient(server.url) };
}

describe("backups", () => {
  it("are listed newest first, of one module or of all", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const { backups } = await jsonOf(client.get("/api/v1/backups"), backupList);
    expect(backups.map(({ id }) => id)).toEqual(["nas/20261122T020000Z", "nas/20261121T020000Z"]);
    expect(backups[0]).toMatchObject({ bytesOut: 48_211_004, holdMs: 812, consistent: true, entries: 1204 });
    expect(await jsonOf(client.get("/api/v1/backups?module=wiki"), backupList)).toEqual({ backups: [] });
    const broken = {
      id: "nas/20261123T020000Z",
      module: "nas",
      time: "20261123T020000Z",
      manifest: null,
      evidence: [],
    };
    operations.sealed = [{ ...broken, problem: "manifest.json is missing" }];
    const [row] = (await jsonOf(client.get("/api/v1/backups"), backupList)).backups;
    expect(row).toMatchObject({ problem: "manifest.json is missing", sealed: null, bytesOut: null });
  });

  it("are shown with manifest and evidence, the newest as latest", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    const shown = await jsonOf(client.get(backup), backupSummary);
    expect(shown.manifest?.counts.files).toBe(1100);
    expect(shown.evidence).toHaveLength(1);
    expect(await jsonOf(client.get("/api/v1/backups/nas/latest"), backupSummary)).toEqual(shown);
    const missing = await client.get("/api/v1/backups/nas/20200101T000000Z");
    expect(missing.status).toBe(404);
    expect((await jsonOf(missing, apiError)).error.message).toBe("there is no backup nas/20200101T000000Z");
  });

  it("are verified on request", async () => {
    const { url, operations } = await startServer();
    const started = await (await signedInClient(url)).post(`${backup}/verify`);
    expect(started.status).toBe(202);
    await jsonOf(started, startedRun);
    expect(operations.asked).toEqual([{ what: "verify", id: "nas/20261122T020000Z" }]);
  });

  it("are drilled on request", async () => {
    const { url, operations } = await startServer();
    const started = await (await signedInClient(url)).post(`${backup}/drill`);
    expect(started.status).toBe(202);
    await jsonOf(started, startedRun);
    expect(operations.asked).toEqual([{ what: "drill", id: "nas/20261122T020000Z" }]);
  });

  it("tell of a drill in lists without what its containers printed, and by themselves with it", async () => {
    const { url, operations } = await startServer();
    const logs = [{ container: "nas-app-1", text: "ready\n" }];
    const drilled: Evidence = { kind: "drilled", at: "2026-11-22T04:00:00Z", ok: true, ms: 12_000, findings: [], logs };
    const sealed = exampleBackup("nas", "20261122T020000Z");
    operations.sealed = [{ ...sealed, evidence: [drilled] }];
    const client = await signedInClient(url);
    const { backups } = await jsonOf(client.get("/api/v1/backups"), backupList);
    expect(backups[0]?.evidence).toEqual([{ kind: "drilled", at: drilled.at, ok: true, ms: 12_000, findings: [] }]);
    expect((await jsonOf(client.get(backup), backupSummary)).evidence).toEqual([drilled]);
  });
});

describe("the files of a backup", () => {
  it("come page by page", async () => {
    const { client } = await serverWithFiles();
    const first = await jsonOf(client.get(`${backup}/files?limit=2`), fileList);
    expect([first.entries.map(({ path }) => path), first.more]).toEqual([
      ["etc/hosts", "etc/caf\uFFFD/menu.txt"],
      true,
    ]);
    const last = await jsonOf(client.get(`${backup}/files?limit=3&skip=2`), fileList);
    expect([last.entries.map(({ path }) => path), last.more]).toEqual([
      ["etc/café.txt", "etcetera", "var/mail"],
      false,
    ]);
    expect(await jsonOf(client.get(`${backup}/files?skip=99`), fileList)).toEqual({ entries: [], more: false });
  });

  it("come below a folder, also one whose name is not UTF-8", async () => {
    const { client } = await serverWithFiles();
    const below = async (query: Record<string, string>): Promise<string[]> => {
      const found = client.get(`${backup}/files?${new URLSearchParams(query).toString()}`);
      return (await jsonOf(found, fileList)).entries.map(({ path }) => path);
    };
    expect(await below({ prefix: "/etc/" })).toEqual(["etc/hosts", "etc/caf\uFFFD/menu.txt", "etc/café.txt"]);
    expect(await below({ prefix: "etc/café.txt" })).toEqual(["etc/café.txt"]);
    expect(await below({ prefix64: base64(odd) })).toEqual(["etc/caf\uFFFD/menu.txt"]);
  });

  it("come all at once as NDJSON", async () => {
    const { client } = await serverWithFiles();
    const answer = await client.get(`${backup}/files`, { accept: "application/x-ndjson" });
    expect(answer.headers.get("content-type")).toContain("application/x-ndjson");
    const lines = (await answer.text()).trimEnd().split("\n");
    expect(lines.map((line) => indexEntry.parse(JSON.parse(line)).path)).toHaveLength(5);
    const none = await client.get(`${backup}/files?prefix=nowhere`, { accept: "application/x-ndjson" });
    expect([none.status, await none.text()]).toEqual([200, ""]);
  });

  it("of a backup that is not there are a plain answer in either form", async () => {
    const { client } = await serverWithFiles();
    for (const accept of ["application/json", "application/x-ndjson"]) {
      const missing = await client.get("/api/v1/backups/nas/20200101T000000Z/files", { accept });
      expect(missing.status).toBe(404);
      expect((await jsonOf(missing, apiError)).error.kind).toBe("missing");
    }
  });

  it("are read no faster than the client takes them, and no further once it goes away", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    let given = 0;
    let ended = false;
    operations.files = async function* endless() {
      try {
        for (;;) {
          given += 1;
          yield exampleEntry(`var/${given}`, 1, "a".repeat(64));
        }
      } finally {
        ended = true;
      }
    };
    const gone = new AbortController();
    const answer = await client.get(`${backup}/files`, { accept: "application/x-ndjson" }, gone.signal);
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    let before = 0;
    const stalled = (): void => {
      const last = before;
      before = given;
      expect(given).toBe(last);
    };
    await vi.waitFor(stalled, { interval: 50, timeout: 20_000 });
    expect(ended).toBe(false);
    gone.abort();
    await vi.waitFor(() => expect(ended).toBe(true));
  });
});
