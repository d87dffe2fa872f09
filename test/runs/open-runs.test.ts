import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/contract/run-event.ts";
import { Failure } from "../../src/failure/failure.ts";
import { openRuns, type Runs } from "../../src/runs/open-runs.ts";

const nothing = { entries: 0, bytes: 0, totalEntries: null, totalBytes: null };
let state: string;
let runs: Runs;
let clock: Date;

beforeEach(async () => {
  state = await mkdtemp(path.join(tmpdir(), "davit-runs-"));
  clock = new Date("2026-11-22T02:00:00Z");
  runs = openRuns(state, () => clock);
});
afterEach(() => rm(state, { recursive: true, force: true }));

describe("a run's log", () => {
  it("tells the run from start to end, to any process", async () => {
    const run = await start("nas");
    expect(run.id).toMatch(/^20261122T020000Z-backup-nas-[0-9a-f]{4}$/u);
    run.stage("archive");
    run.warning("a file vanished", "nothing to do");
    run.progress({ ...nothing, bytes: 12 });
    expect((await openRuns(state).list())[0]).toMatchObject({
      run: run.id,
      outcome: null,
      stage: "archive",
      ended: null,
    });
    await run.end("ok", { backup: "nas/20261122T020000Z" });
    const other = openRuns(state);
    expect((await other.read(run.id)).map((event) => [event.seq, event.type])).toEqual([
      [1, "started"],
      [2, "stage"],
      [3, "warning"],
      [4, "progress"],
      [5, "ended"],
    ]);
    expect((await other.read(run.id, 3)).map((event) => event.seq)).toEqual([4, 5]);
    expect(await other.list()).toEqual([
      {
        run: run.id,
        kind: "backup",
        module: "nas",
        trigger: "cli",
        started: "2026-11-22T02:00:00.000Z",
        ended: "2026-11-22T02:00:00.000Z",
        outcome: "ok",
        backup: "nas/20261122T020000Z",
        stage: "archive",
        progress: { ...nothing, bytes: 12 },
        failure: null,
        warnings: 1,
      },
    ]);
  });

  it("holds why a run failed, and ends once", async () => {
    const run = await start("nas");
    await run.end("failed", { failure: new Failure("storage", "the vault is full", { hint: "free some space" }) });
    await run.end("ok");
    run.stage("too late");
    expect((await runs.list())[0]).toMatchObject({
      outcome: "failed",
      stage: null,
      failure: { kind: "storage", message: "the vault is full", hint: "free some space" },
    });
  });

  it("writes progress at most four times a second, and the last one in any case", async () => {
    const run = await start("nas");
    for (let bytes = 1; bytes <= 1000; bytes++) {
      clock = new Date(clock.getTime() + 1);
      run.progress({ ...nothing, bytes });
    }
    await run.end("ok");
    const reported = (await runs.read(run.id)).flatMap((event) =>
      event.type === "progress" ? event.progress.bytes : [],
    );
    expect(reported).toEqual([1, 251, 501, 751, 1000]);
  });

  it("is followed live until the run ends", async () => {
    const run = await start("nas");
    const seen: string[] = [];
    const following = collect(runs.follow(run.id, 1, AbortSignal.timeout(20_000)), seen);
    run.stage("archive");
    await run.end("ok");
    await following;
    expect(seen).toEqual(["stage", "ended"]);
  });

  it("stops being followed with the signal", async () => {
    const run = await start("nas");
    const stop = new AbortController();
    const seen: string[] = [];
    const following = collect(runs.follow(run.id, 0, stop.signal), seen, () => stop.abort());
    await following;
    expect(seen).toEqual(["started"]);
    await run.end("ok");
  });

  it("is read whole but for a torn last line, and goes on after one", async () => {
    const run = await start("nas");
    await run.end("ok");
    const file = path.join(state, "runs", `${run.id}.ndjson`);
    await writeFile(file, (await readFile(file, "utf8")).slice(0, -9));
    expect((await openRuns(state).read(run.id)).map((event) => event.type)).toEqual(["started"]);
    expect((await openRuns(state).list())[0]?.outcome).toBe("interrupted");
    expect(await openRuns(state).markInterrupted()).toEqual([run.id]);
    expect((await openRuns(state).read(run.id)).at(-1)).toMatchObject({
      seq: 2,
      type: "ended",
      outcome: "interrupted",
    });
    expect(await openRuns(state).markInterrupted()).toEqual([]);
  });

  it("is shown even where nothing of it can be read", async () => {
    await mkdir(path.join(state, "runs"));
    await writeFile(path.join(state, "runs", "20261122T020000Z-verify-my-nas-00ff.ndjson"), "\0\0garbage");
    await appendFile(path.join(state, "runs", "notes.txt"), "not a run");
    expect(await runs.list()).toMatchObject([{ kind: "verify", module: "my-nas", outcome: "interrupted" }]);
  });

  it("that can't be read does not hide the others", async () => {
    const unreadable = "20261101T020000Z-backup-nas-00ff";
    await mkdir(path.join(state, "runs", `${unreadable}.ndjson`), { recursive: true });
    const id = await started("nas");
    expect(await runs.list()).toMatchObject([
      { run: id, outcome: "ok" },
      { run: unreadable, failure: { kind: "storage", message: expect.stringContaining(unreadable) } },
    ]);
    expect(await runs.markInterrupted()).toEqual([]);
  });

  it.each(["20261122T020000Z-backup-nas-ab12", "../../etc/passwd", ""])("says that there is no run %j", async (id) => {
    await expect(runs.read(id)).rejects.toMatchObject({ kind: "missing" });
  });
});

describe("the order of runs", () => {
  it("is newest first, by module, up to a limit, also within one second", async () => {
    const ids: string[] = [];
    for (const module of ["nas", "web", "nas", "nas"]) {
      const run = await start(module);
      ids.unshift(run.id);
      await run.end("ok");
    }
    expect((await runs.list()).map((run) => run.run)).toEqual(ids);
    expect((await runs.list({ module: "nas", limit: 2 })).map((run) => run.run)).toEqual([ids[0], ids[1]]);
  });

  it("survives a clock that is set back by an hour", async () => {
    const before = await started("nas");
    clock = new Date("2026-11-22T01:00:00Z");
    const after = await started("nas");
    expect((await runs.list()).map((run) => run.run)).toEqual([after, before]);
  });

  it("puts runs of a clock that was years ahead last", async () => {
    clock = new Date("2099-01-01T00:00:00Z");
    const wrong = await started("nas");
    clock = new Date("2026-11-22T02:00:00Z");
    const right = await started("nas");
    expect(right).toMatch(/^20261122/u);
    expect((await runs.list()).map((run) => run.run)).toEqual([right, wrong]);
  });
});

describe("old runs", () => {
  it("go when a run of their module starts: those that are neither among the newest nor of the last 90 days", async () => {
    const few = openRuns(state, () => clock, 3);
    const run = async (day: string, module = "nas"): Promise<string> => {
      clock = new Date(`${day}T02:00:00Z`);
      const begun = await few.start({ kind: "backup", module, trigger: "schedule" });
      await begun.end("ok");
      return begun.id;
    };
    const other = await run("2026-01-01", "web");
    const dayByDay: string[] = [];
    for (const day of ["2026-01-02", "2026-01-03", "2026-01-04", "2026-02-20", "2026-03-01"])
      dayByDay.push(await run(day));
    expect(await readdir(path.join(state, "runs"))).toHaveLength(6);
    const newest = [await run("2026-05-15"), await run("2026-05-16")];
    const ids = (await few.list({ module: "nas" })).map((one) => one.run);
    expect(ids).toEqual([...newest.toReversed(), dayByDay[4], dayByDay[3]]);
    const late = await run("2027-05-16");
    expect((await few.list({ module: "nas" })).map((one) => one.run)).toEqual([late, ...newest.toReversed()]);
    expect((await few.list({ module: "web" })).map((one) => one.run)).toEqual([other]);
  });

  it("never go while they go on, whatever the clock says", async () => {
    const one = openRuns(state, () => clock, 1);
    clock = new Date("2026-01-01T02:00:00Z");
    const goesOn = await one.start({ kind: "backup", module: "nas", trigger: "schedule" });
    clock = new Date("2026-11-22T02:00:00Z");
    await expect(one.start({ kind: "backup", module: "nas", trigger: "cli" })).rejects.toMatchObject({ kind: "busy" });
    await (await one.start({ kind: "backup", module: "web", trigger: "cli" })).end("ok");
    expect(await one.read(goesOn.id)).toHaveLength(1);
    await goesOn.end("ok");
  });
});

describe("the lock of a module", () => {
  it("lets one run at a time work on a module, and names the one that does", async () => {
    const first = await start("nas");
    await expect(start("nas")).rejects.toMatchObject({ kind: "busy", message: expect.stringContaining(first.id) });
    await (await start("web")).end("ok");
    expect(runs.isLocked("nas")).toBe(true);
    await first.end("ok");
    expect(runs.isLocked("nas")).toBe(false);
    await (await start("nas")).end("ok");
    expect(await readdir(path.join(state, "locks"))).toEqual([]);
  });

  it("is given up at once by a run that gives way, and by no other", async () => {
    const first = await openRuns(state).start({ kind: "verify", module: "nas", trigger: "schedule", givesWay: true });
    expect(first.wanted.aborted).toBe(false);
    await expect(
      runs.start({ kind: "verify", module: "nas", trigger: "schedule", givesWay: true }),
    ).rejects.toMatchObject({ kind: "busy" });
    const next = start("nas");
    await once(first.wanted, "abort");
    expect(first.wanted.reason).toMatchObject({ kind: "cancelled", message: "gave way to another run of nas" });
    await expect(Promise.race([next, Promise.resolve("waits")])).resolves.toBe("waits");
    await first.end("cancelled");
    const run = await next;
    await expect(start("nas")).rejects.toMatchObject({ kind: "busy", message: expect.stringContaining(run.id) });
    expect(run.wanted.aborted).toBe(false);
    await run.end("ok");
    expect(await readdir(path.join(state, "locks"))).toEqual([]);
    // What somebody wanted before is of no concern to the next one.
    await writeFile(path.join(state, "locks", "nas.wanted"), "");
    const later = await runs.start({ kind: "verify", module: "nas", trigger: "schedule", givesWay: true });
    expect(await readdir(path.join(state, "locks"))).toEqual(["nas.json"]);
    const after = start("nas");
    await once(later.wanted, "abort");
    await later.end("cancelled");
    await (await after).end("ok");
  });

  it("is never had by two of eight processes that fight for it", async () => {
    const script = path.join(import.meta.dirname, "lock-contender.ts");
    const results = await Promise.all(
      Array.from({ length: 8 }, () => promisify(execFile)(process.execPath, [script, state, "150"])),
    );
    expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 8 }, () => "150"));
  });

  it("is free at once after kill -9, with a note in the next run", async () => {
    const { child, id } = await holdInProcess();
    await expect(start("nas")).rejects.toMatchObject({ kind: "busy", message: expect.stringContaining(id) });
    expect(await runs.markInterrupted()).toEqual([]);
    expect((await runs.list())[0]).toMatchObject({ run: id, outcome: null });
    await kill(child);
    expect((await runs.list())[0]).toMatchObject({ run: id, outcome: "interrupted" });
    expect(await collect(runs.follow(id, 0, AbortSignal.timeout(20_000)), [])).toBeUndefined();
    const next = await start("nas");
    expect(await runs.read(next.id)).toContainEqual(
      expect.objectContaining({ type: "warning", message: expect.stringContaining(id) }),
    );
    expect(await runs.markInterrupted()).toEqual([id]);
    await next.end("ok");
  });

  it("left behind with the id of a process that lives holds nobody up", async () => {
    await mkdir(path.join(state, "locks"));
    const left = {
      run: "20261101T020000Z-backup-nas-ab12",
      pid: process.pid,
      instance: "x",
      since: "2026-11-01T02:00:00Z",
    };
    await writeFile(path.join(state, "locks", "nas.json"), JSON.stringify(left));
    await writeFile(path.join(state, "locks", "web.json"), "torn {");
    for (const module of ["nas", "web"]) {
      expect(runs.isLocked(module)).toBe(false);
      await (await start(module)).end("ok");
    }
  });
});

describe("a state folder in trouble", () => {
  it("fails a start with the file's name and the reason, and leaves the module free", async () => {
    await writeFile(path.join(state, "runs"), "a file where a folder should be");
    await expect(start("nas")).rejects.toMatchObject({
      kind: "storage",
      message: expect.stringContaining(path.join(state, "runs")),
    });
    await rm(path.join(state, "runs"));
    await (await start("nas")).end("ok");
  });

  it("that is full or read-only is told with a hint, and never leaves a module locked", async () => {
    const script = path.join(import.meta.dirname, "troubled-state.ts");
    const commands = 'mount -t tmpfs -o size=64k davit "$1" && exec "$2" "$3" "$1"';
    const args = ["--map-root-user", "--mount", "sh", "-c", commands, "sh", state, process.execPath, script];
    const { stdout } = await promisify(execFile)("unshare", args);
    const full = { kind: "storage", hint: expect.stringContaining("full") };
    expect(JSON.parse(stdout)).toEqual({
      "end on a full disk": { ...full, message: expect.stringContaining("no space left on device") },
      "locked after that": false,
      "start on a full disk": { ...full, message: expect.stringContaining("no space left on device") },
      runs: ["interrupted"],
      marking: "no failure",
      "start after room was made": "no failure",
      "start on a read-only disk": {
        kind: "storage",
        message: expect.stringContaining("read-only file system"),
        hint: expect.stringContaining("read-write"),
      },
      "runs on a read-only disk": ["ok", "interrupted"],
    });
  });
});

describe("slots", () => {
  it("do so much together and no more, first come, first served", async () => {
    const inSlot = runs.limit(2);
    const order: number[] = [];
    let together = 0;
    let most = 0;
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const all = gates.map((gate, index) =>
      inSlot(async () => {
        order.push(index);
        most = Math.max(most, ++together);
        await gate.promise;
        together -= 1;
      }),
    );
    for (const gate of gates) gate.resolve();
    await Promise.all(all);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
  });

  it("are free again after a failure, and are not waited for after a cancel", async () => {
    const inSlot = runs.limit(1);
    await expect(inSlot(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    const gate = Promise.withResolvers<void>();
    const first = inSlot(() => gate.promise);
    const stop = new AbortController();
    const second = inSlot(() => Promise.resolve(), stop.signal);
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    gate.resolve();
    await first;
    expect(await inSlot(() => Promise.resolve("ran"))).toBe("ran");
  });
});

function start(module: string): ReturnType<Runs["start"]> {
  return runs.start({ kind: "backup", module, trigger: "cli" });
}

async function started(module: string): Promise<string> {
  const run = await start(module);
  await run.end("ok");
  return run.id;
}

async function collect(events: AsyncIterable<RunEvent>, into: string[], after?: () => void): Promise<void> {
  for await (const event of events) {
    into.push(event.type);
    after?.();
  }
}

async function holdInProcess(): Promise<{ child: ChildProcess; id: string }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "lock-holder.ts"), state], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { child, id: String(line).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
