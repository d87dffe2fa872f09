import { describe, expect, it } from "vitest";
import { metricsText } from "../../src/api/metrics-text.ts";
import { widgetOf } from "../../src/api/widget-of.ts";
import { newToken } from "../../src/contract/api.ts";
import { judgeModule } from "../../src/contract/judge-module.ts";
import type { Overview, OverviewModule } from "../../src/contract/overview.ts";
import { widget } from "../../src/contract/widget.ts";
import { FakeOperations } from "../fakes/operations.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

/** A picture of a host, whose first module is sound and verified, and changed as a test wants it. */
async function pictured(change: (module: OverviewModule) => void = () => {}): Promise<Overview> {
  const overview = await new FakeOperations().overview();
  const [first] = overview.modules;
  if (first === undefined) throw new Error("there is no module");
  change(first);
  return overview;
}

async function safetyOf(change: (module: OverviewModule) => void) {
  const [first] = (await pictured(change)).modules;
  return first === undefined ? null : judgeModule(first).safety;
}

describe("how safe a module is", () => {
  const failed = { at: "2026-11-22T05:00:00Z", ok: false, ms: 1 };

  it("is safe where nothing speaks against it", async () => {
    expect(await safetyOf(() => {})).toBe("safe");
  });

  it.each<[string, (module: OverviewModule) => void]>([
    ["it is not backed up as it is", (one) => one.warnings.push({ severity: "error", message: "no mounts" })],
    ["it never was", (one) => (one.last = null)],
    ["its newest backup can't be used", (one) => (one.newestProblem = "manifest.json is missing")],
    ["it is overdue", (one) => (one.overdueSince = "2026-11-22T02:00:00Z")],
    ["its verification failed", (one) => one.last?.evidence.push({ kind: "verified", ...failed })],
    ["its drill failed", (one) => one.last?.evidence.push({ kind: "drilled", ...failed })],
    [
      "something seems lost",
      (one) => one.unanswered.push({ id: "nas/1", anomalies: [{ kind: "empty-source", message: "it is empty" }] }),
    ],
  ])("is not where %s", async (_, change) => {
    expect(await safetyOf(change)).toBe("unsafe");
  });

  it.each<[string, (module: OverviewModule) => void]>([
    ["an older backup is damaged", (one) => one.damaged.push("nas/20261101T020000Z")],
    ["its newest backup is not consistent", (one) => one.last && (one.last.consistent = false)],
    ["its copy failed", (one) => one.last?.evidence.push({ kind: "copied", ...failed })],
    ["there is a warning", (one) => one.warnings.push({ severity: "warning", message: "no such label" })],
  ])("wants a look where %s", async (_, change) => {
    expect(await safetyOf(change)).toBe("look");
  });

  it("is gone where only the vault has it, and safe where a later proof is well", async () => {
    expect(await safetyOf((one) => (one.gone = true))).toBe("gone");
    const mended = (one: OverviewModule) =>
      one.last?.evidence.push({ kind: "verified", ...failed }, { kind: "verified", ...failed, ok: true });
    expect(await safetyOf(mended)).toBe("safe");
    const live = (one: OverviewModule) => {
      one.hold = "live";
      if (one.last !== null) one.last.consistent = false;
    };
    expect(await safetyOf(live)).toBe("safe");
  });
});

describe("a dashboard's tile", () => {
  it("has flat fields, for a token as well", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    const { token } = await jsonOf(client.post("/api/v1/tokens", { name: "homepage" }), newToken);
    const answer = await fetch(`${url}/api/v1/widget`, { headers: { authorization: `Bearer ${token}` } });
    expect(await jsonOf(answer, widget)).toEqual({
      status: "1 of 2 not safe",
      modules: 2,
      safe: 1,
      look: 0,
      unsafe: 1,
      running: 0,
      lastBackup: "2026-11-22T02:00:06Z",
      lastModule: "nas",
      nextBackup: "2026-11-23T02:00:00.000Z",
      backups: 2,
      bytes: 1000,
      freeBytes: 1e9,
    });
    expect((await fetch(`${url}/api/v1/widget`)).status).toBe(401);
  });

  it("says in words how it is", async () => {
    const both = async (change: (module: OverviewModule) => void): Promise<string> => {
      const overview = await pictured(change);
      return widgetOf({ ...overview, modules: overview.modules.slice(0, 1) }).status;
    };
    expect(await both(() => {})).toBe("all is safe");
    expect(await both((one) => one.damaged.push("nas/1"))).toBe("1 of 1 to look at");
    expect(await both((one) => (one.gone = true))).toBe("nothing is backed up");
  });
});

describe("metrics", () => {
  it("are text that Prometheus reads, for those who may", async () => {
    const { url } = await startServer();
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const answer = await (await signedInClient(url)).get("/metrics");
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of lines) expect(line).toMatch(/^davit_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+]+$/u);
    expect(lines).toEqual(
      expect.arrayContaining([
        'davit_info{version="0.0.0",host="test"} 1',
        "davit_modules 2",
        'davit_module_state{module="nas",state="safe"} 1',
        'davit_module_state{module="wiki",state="unsafe"} 1',
        // From 02:00:06 to noon.
        'davit_module_last_backup_age_seconds{module="nas"} 35994',
        'davit_module_last_hold_seconds{module="nas"} 0.812',
        'davit_module_last_backup_bytes{module="nas"} 48211004',
        'davit_module_backups{module="wiki"} 0',
        "davit_vault_free_bytes 1000000000",
      ]),
    );
    // Nothing is said of what is not known.
    expect(lines.some((line) => line.includes("age_seconds") && line.includes("wiki"))).toBe(false);
  });

  it("count the runs that are remembered, and tell how the last one ended", async () => {
    const operations = new FakeOperations();
    operations.end(await operations.startBackup("nas"));
    await operations.startVerify("nas/20261122T020000Z");
    const runs = await operations.runs({ limit: 10 });
    const overview = await pictured((one) => (one.lastRun = runs.find(({ kind }) => kind === "backup") ?? null));
    const text = await metricsText({ ...overview, vault: { ...overview.vault, freeBytes: null } }, runs);
    expect(text).toContain('davit_runs_remembered{kind="backup",outcome="ok"} 1\n');
    expect(text).toContain('davit_runs_remembered{kind="verify",outcome="running"} 1\n');
    expect(text).toContain('davit_module_last_run{module="nas",outcome="ok"} 1\n');
    expect(text).not.toContain("free_bytes");
  });

  it("can't be broken by what a host is called", async () => {
    const text = await metricsText({ ...(await pictured()), host: 'a"b\\c\nd' }, []);
    expect(text).toContain('davit_info{version="0.0.0",host="a\\"b\\\\c\\nd"} 1\n');
  });
});
