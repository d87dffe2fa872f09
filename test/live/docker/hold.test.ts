import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Module } from "../../../src/contract/module.ts";
import { type Docker, connectDocker } from "../../../src/docker/connect-docker.ts";
import { Failure } from "../../../src/failure/failure.ts";
import { holdModule } from "../../../src/hold/hold-module.ts";
import { openLedger } from "../../../src/hold/open-ledger.ts";
import { releaseLeftHold } from "../../../src/hold/release-left-hold.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine, removeContainer, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { startTcpProxy } from "../../fixtures/live/tcp-proxy.ts";

const docker = connectDocker("unix:///var/run/docker.sock");
const containers = new Containers();
let state: string;
let warnings: string[];
const reporter = { warning: (message: string) => void warnings.push(message), output: () => undefined };
const signal = new AbortController().signal;

beforeAll(async () => {
  await ensureBusyboxImage();
});
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "davit-hold-"));
  warnings = [];
});
afterEach(async () => {
  await containers.removeAll();
  await rm(state, { recursive: true });
});

type Member = { id: string; name: string; dependsOn?: string[] };

type HeldModule = Pick<Module, "name" | "containers"> & { settings: { holdTimeoutSeconds: number } };

function moduleOf(...members: Member[]): HeldModule {
  const rest = { image: "x", imageDigest: "x", running: true, paused: false, dependsOn: [], hooks: {}, dump: null };
  return {
    name: uniqueName("module"),
    containers: members.map((one) => ({ ...rest, ...one })),
    settings: { holdTimeoutSeconds: 60 },
  };
}

function holding(module: HeldModule, mode: "live" | "pause" | "stop", by: Docker = docker) {
  return holdModule({ docker: by, module, ledger: openLedger(state), mode, reporter, signal });
}

async function hasLedger(module: string): Promise<boolean> {
  return access(join(state, `ledger/${module}.json`)).then(
    () => true,
    () => false,
  );
}

/** The real engine, with a note of what was asked in which order, and failures where a test wants them. */
function watched(failOn: string[] = []): { by: Docker; asked: string[] } {
  const asked: string[] = [];
  const step = (verb: string, work: (id: string) => Promise<void>) => async (id: string) => {
    asked.push(`${verb} ${id}`);
    if (failOn.includes(`${verb} ${id}`)) throw new Failure("failed", `no ${verb} today`);
    await work(id);
  };
  const by: Docker = {
    ...docker,
    pause: step("pause", async (id) => docker.pause(id)),
    unpause: step("unpause", async (id) => docker.unpause(id)),
    stop: step("stop", async (id) => docker.stop(id, 10)),
    start: step("start", async (id) => docker.start(id)),
  };
  return { by, asked };
}

describe("a hold", () => {
  test.each([
    ["pause", "paused"],
    ["stop", "exited"],
  ] as const)("by %s brings a module to rest and lets it go again", async (mode, held) => {
    const one = await containers.make();
    const module = moduleOf(one);
    const before = new Date();
    const hold = await holding(module, mode);
    expect(await stateOf(one.id)).toBe(held);
    expect(await hasLedger(module.name)).toBe(true);
    const releasedAt = await hold.release();
    expect(await stateOf(one.id)).toBe("running");
    expect(await hasLedger(module.name)).toBe(false);
    expect(hold.heldAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(releasedAt.getTime()).toBeGreaterThanOrEqual(hold.heldAt.getTime());
    expect(await hold.release()).toEqual(releasedAt);
    expect(warnings).toEqual([]);
  });

  test("of a live module touches nothing", async () => {
    const one = await containers.make();
    const module = moduleOf(one);
    const hold = await holding(module, "live");
    expect(await stateOf(one.id)).toBe("running");
    expect(await hasLedger(module.name)).toBe(false);
    await hold.release();
  });

  test("is on disk before anything is held", async () => {
    const one = await containers.make();
    const module = moduleOf(one);
    let seen = "";
    const by: Docker = {
      ...docker,
      pause: async (id) => {
        seen = await readFile(join(state, `ledger/${module.name}.json`), "utf8");
        await docker.pause(id);
      },
    };
    const hold = await holding(module, "pause", by);
    expect(JSON.parse(seen)).toMatchObject({ module: module.name, mode: "pause", containers: [{ id: one.id }] });
    await hold.release();
  });

  test("goes against the order of dependencies, and the release along it", async () => {
    const db = await containers.make();
    const web = { ...(await containers.make()), dependsOn: [db.name] };
    const { by, asked } = watched();
    const hold = await holding(moduleOf(db, web), "stop", by);
    await hold.release();
    expect(asked).toEqual([`stop ${web.id}`, `stop ${db.id}`, `start ${db.id}`, `start ${web.id}`]);
  });

  test.each(["pause", "stop"] as const)("by %s never starts what was not running", async (mode) => {
    const stopped = await containers.make({ started: false });
    const paused = await containers.make();
    await engine.getContainer(paused.id).pause();
    const runs = await containers.make();
    const hold = await holding(moduleOf(stopped, paused, runs), mode);
    await hold.release();
    expect(await stateOf(stopped.id)).toBe("created");
    expect(await stateOf(paused.id)).toBe("paused");
    expect(await stateOf(runs.id)).toBe("running");
  });

  test("that fails halfway lets go what it had held", async () => {
    const db = await containers.make();
    const web = { ...(await containers.make()), dependsOn: [db.name] };
    const module = moduleOf(db, web);
    const { by } = watched([`pause ${db.id}`]);
    await expect(holding(module, "pause", by)).rejects.toThrow("no pause today");
    expect([await stateOf(db.id), await stateOf(web.id)]).toEqual(["running", "running"]);
    expect(await hasLedger(module.name)).toBe(false);
  });

  test("whose undo fails as well tells both, and keeps its ledger", async () => {
    const db = await containers.make();
    const web = { ...(await containers.make()), dependsOn: [db.name] };
    const module = moduleOf(db, web);
    const { by } = watched([`pause ${db.id}`, `unpause ${web.id}`]);
    await expect(holding(module, "pause", by)).rejects.toThrow(/no pause today.*no unpause today/u);
    expect(await hasLedger(module.name)).toBe(true);
    const next = await holding(module, "pause");
    expect(warnings[0]).toContain("still held by an earlier run");
    await next.release();
    expect(await stateOf(web.id)).toBe("running");
  });

  test("that is cancelled leaves nothing held", async () => {
    const db = await containers.make();
    const web = { ...(await containers.make()), dependsOn: [db.name] };
    const stop = new AbortController();
    const by: Docker = {
      ...docker,
      pause: async (id) => {
        await docker.pause(id);
        stop.abort();
      },
    };
    const module = moduleOf(db, web);
    const cancelled = holdModule({
      docker: by,
      module,
      ledger: openLedger(state),
      mode: "pause",
      reporter,
      signal: stop.signal,
    });
    await expect(cancelled).rejects.toMatchObject({ kind: "cancelled" });
    expect([await stateOf(db.id), await stateOf(web.id)]).toEqual(["running", "running"]);
  });

  test.each(["pause", "stop"] as const)("by %s survives that a container is removed in the middle", async (mode) => {
    const one = await containers.make();
    const other = await containers.make();
    const module = moduleOf(one, other);
    const hold = await holding(module, mode);
    await removeContainer(one.id);
    await hold.release();
    expect(await stateOf(other.id)).toBe("running");
    expect(await hasLedger(module.name)).toBe(false);
    expect(warnings).toEqual([`the container ${one.name} was removed while it was held`]);
  });

  test("finds a container again that was made anew under its name since discovery", async () => {
    const old = await containers.make();
    await removeContainer(old.id);
    const fresh = await containers.make({ name: old.name });
    const hold = await holding(moduleOf(old), "pause");
    expect(await stateOf(fresh.id)).toBe("paused");
    await hold.release();
    expect(await stateOf(fresh.id)).toBe("running");
  });

  test("by stop is refused for a container that the engine would remove", async () => {
    const one = await containers.make({ autoRemove: true });
    await expect(holding(moduleOf(one), "stop")).rejects.toMatchObject({ kind: "config" });
    expect(await stateOf(one.id)).toBe("running");
  });

  test("is let go once the engine answers again", async () => {
    const proxy = await startTcpProxy();
    const one = await containers.make();
    const hold = await holding(moduleOf(one), "pause", connectDocker(proxy.dockerHost));
    await proxy.shut();
    const released = hold.release();
    await proxy.open();
    await released;
    await proxy.shut();
    expect(await stateOf(one.id)).toBe("running");
  });
});

describe("what a process that died had held", () => {
  const program = `
    import { holdModule } from "./src/hold/hold-module.ts";
    import { openLedger } from "./src/hold/open-ledger.ts";
    import { connectDocker } from "./src/docker/connect-docker.ts";
    const [state, mode, module] = process.argv.slice(1);
    await holdModule({
      docker: connectDocker("unix:///var/run/docker.sock"), module: JSON.parse(module), ledger: openLedger(state), mode,
      reporter: { warning: console.error, output: console.error }, signal: new AbortController().signal,
    });
    console.log("held");
    setInterval(() => {}, 1000);
  `;

  async function holdElsewhere(mode: string, module: HeldModule) {
    const child = spawn(
      process.execPath,
      ["--input-type=module-typescript", "-e", program, state, mode, JSON.stringify(module)],
      { cwd: new URL("../../..", import.meta.url), stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(child.stdout, "data");
    return child;
  }

  test.each([
    ["pause", "paused"],
    ["stop", "exited"],
  ])("by %s is let go at the next start", async (mode, held) => {
    const one = await containers.make();
    const module = moduleOf(one);
    const child = await holdElsewhere(mode, module);
    expect(await stateOf(one.id)).toBe(held);
    child.kill("SIGKILL");
    await once(child, "exit");
    await releaseLeftHold(docker, openLedger(state), module.name, reporter);
    expect(await stateOf(one.id)).toBe("running");
    expect(await hasLedger(module.name)).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("was still held by an earlier run")]);
    await releaseLeftHold(docker, openLedger(state), module.name, reporter);
    expect(warnings).toHaveLength(1);
  });
});
