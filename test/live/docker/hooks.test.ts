import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { runEvent } from "../../../src/contract/run-event.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { inside } from "../../fixtures/live/service.ts";
import { startSocketProxy } from "../../fixtures/live/socket-proxy.ts";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

/** A hook that notes its name in the container. */
const note = (name: string, more = ""): string => `sh -c 'echo ${name} >>/tmp/notes${more === "" ? "" : `; ${more}`}'`;

const byHooks = {
  "davit.hold": "hooks",
  "davit.hold.timeout": "10s",
  "davit.exec.before-hold": note("before"),
  "davit.exec.hold": note("hold", "echo at rest; cp /tmp/notes /data/notes"),
  "davit.exec.release": note("release"),
  "davit.exec.after": note("after"),
};

async function scene(labels: Record<string, string>, davit?: DavitProgram): Promise<LabelledModule> {
  return labelledModule(containers, (source) => writeFile(join(source, "data"), "data"), labels, davit);
}

async function notes(id: string): Promise<string[]> {
  return (await inside(id, "sh", "-c", "cat /tmp/notes 2>/dev/null || true")).split("\n").filter((one) => one !== "");
}

async function lastRun({ davit, module }: LabelledModule) {
  const [last] = z.array(z.looseObject({ run: z.string() })).parse(await davit.json("runs", module, "--limit", "1"));
  if (last === undefined) throw new Error("there is no run");
  return z.array(runEvent).parse(await davit.json("runs", "--show", last.run));
}

async function sealed({ davit, module }: LabelledModule): Promise<string[]> {
  return (await readdir(join(davit.vault, module)).catch(() => [])).filter((name) => !name.startsWith("."));
}

async function ledger({ davit, module }: LabelledModule): Promise<unknown> {
  const text = await readFile(join(davit.state, `ledger/${module}.json`), "utf8").catch(() => "null");
  return JSON.parse(text);
}

async function backup({ davit, module }: LabelledModule) {
  return davit.run("backup", module);
}

describe("hooks", () => {
  it("run around the backup, in their order, and what they print is in the run", async () => {
    const made = await scene(byHooks);
    const { code, stderr } = await backup(made);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `davit.exec.hold of ${made.module}: at rest\n` });
    expect(await notes(made.id)).toEqual(["before", "hold", "release", "after"]);
    // What the hold hook wrote is in the backup: it was read after that.
    const read = await made.davit.run("cat", `${made.module}@latest`, join(made.source, "notes"));
    expect(read.stdout).toBe("before\nhold\n");
    const events = await lastRun(made);
    expect(events.filter((one) => one.type === "output")).toMatchObject([
      { source: `davit.exec.hold of ${made.module}`, line: "at rest" },
    ]);
    expect(await made.davit.json("list", made.module)).toMatchObject([
      { consistent: true, holdMs: expect.any(Number) },
    ]);
    expect(await ledger(made)).toBeNull();
  });

  it("run through a socket proxy, as the user that they name", async () => {
    const proxy = await startSocketProxy();
    const davit = await DavitProgram.in(await scratchFolder(), { DOCKER_HOST: proxy.dockerHost });
    const labels = { "davit.exec.before-hold": '["id", "-u"]', "davit.exec.before-hold.user": "123" };
    const made = await scene(labels, davit);
    expect(await backup(made)).toMatchObject({ code: 0, stderr: `davit.exec.before-hold of ${made.module}: 123\n` });
    expect(proxy.refused).toEqual([]);
  });

  it("hold against the order of dependencies, and release along it", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const shared = join(davit.root, "shared");
    const made = await scene({}, davit);
    const mark = (name: string): string => `sh -c 'echo ${name} >>/shared/order'`;
    const labels = (name: string, needs: string) => ({
      "davit.enable": "true",
      "davit.module": made.module,
      "davit.hold": "hooks",
      "davit.exec.hold": mark(`hold-${name}`),
      "davit.exec.release": mark(`release-${name}`),
      "com.docker.compose.project": made.module,
      "com.docker.compose.service": name,
      "com.docker.compose.depends_on": needs,
    });
    await containers.removeAll();
    const binds = [`${made.source}:/data`, `${shared}:/shared`];
    await containers.make({ labels: labels("db", ""), binds });
    await containers.make({ labels: labels("web", "db:service_started:false"), binds });
    expect(await backup(made)).toMatchObject({ code: 0 });
    expect((await readFile(join(shared, "order"), "utf8")).trim().split("\n")).toEqual([
      "hold-web",
      "hold-db",
      "release-db",
      "release-web",
    ]);
  });

  it("print no more than a run's log can bear", async () => {
    const made = await scene({ "davit.exec.before-hold": "sh -c 'seq 1 2000; yes x | tr -d \"\\n\" | head -c 3000'" });
    expect(await backup(made)).toMatchObject({ code: 0 });
    const lines = (await lastRun(made)).flatMap((one) => (one.type === "output" ? [one.line] : []));
    expect(lines.slice(0, 2)).toEqual(["1", "2"]);
    expect(lines).toHaveLength(501);
    expect(lines.at(-1)).toBe("… and 1501 more lines, which are not kept");
  });

  it("are not run in a container that does not run, which is told", async () => {
    const made = await scene(byHooks);
    await engine.getContainer(made.id).kill();
    const { code, stderr } = await backup(made);
    expect(code).toBe(0);
    expect(stderr).toContain(`davit.exec.before-hold of ${made.module} was not run`);
    expect(await sealed(made)).toHaveLength(1);
  });
});

describe("a hook that fails", () => {
  it("before the hold fails the backup, before anything is held", async () => {
    const made = await scene({ ...byHooks, "davit.exec.before-hold": "sh -c 'echo no space >&2; exit 3'" });
    const { code, stderr } = await backup(made);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `the hook davit.exec.before-hold of ${made.module} (sh -c "echo no space >&2; exit 3") ended with exit code 3: no space`,
    );
    expect(await notes(made.id)).toEqual(["after"]);
    expect(await sealed(made)).toEqual([]);
  });

  it("to hold fails the backup and still releases", async () => {
    const made = await scene({ ...byHooks, "davit.exec.hold": note("hold", "exit 1") });
    expect(await backup(made)).toMatchObject({ code: 1 });
    expect(await notes(made.id)).toEqual(["before", "hold", "release", "after"]);
    expect(await sealed(made)).toEqual([]);
    expect(await ledger(made)).toBeNull();
  });

  it("to hold because its program is not there says so", async () => {
    const made = await scene({ ...byHooks, "davit.exec.hold": "pg_freeze --now" });
    const { code, stderr } = await backup(made);
    expect(code).toBe(1);
    expect(stderr).toContain("the container has no such program");
    expect(await notes(made.id)).toEqual(["before", "release", "after"]);
  });

  it("to hold because it hangs ends with the hold's time limit, and releases", async () => {
    const made = await scene({ ...byHooks, "davit.hold.timeout": "1s", "davit.exec.hold": note("hold", "sleep 1000") });
    const { code, stderr } = await backup(made);
    expect(code).toBe(1);
    expect(stderr).toMatch(/did not end within [\d.]+ s, and may still be running/u);
    expect(await notes(made.id)).toEqual(["before", "hold", "release", "after"]);
  });

  it("to release fails the run, and is tried again by the next", async () => {
    const release = note("release", "test -e /data/mended");
    const made = await scene({ ...byHooks, "davit.exec.release": release });
    const { code, stderr } = await backup(made);
    expect(code).toBe(1);
    expect(stderr).toContain(`${made.module} could not be let go: the hook davit.exec.release of ${made.module}`);
    expect(stderr).toContain("Davit tries again");
    expect(await sealed(made)).toEqual([]);
    expect(await ledger(made)).toMatchObject({ mode: "hooks", containers: [{ id: made.id, release: { user: null } }] });
    await writeFile(join(made.source, "mended"), "");
    expect(await backup(made)).toMatchObject({ code: 0 });
    const again = ["before", "hold", "release", "after"];
    expect(await notes(made.id)).toEqual([...again, "release", ...again]);
    expect(await ledger(made)).toBeNull();
  });

  it("after the backup fails the run; the sealed backup stays", async () => {
    const made = await scene({ ...byHooks, "davit.exec.after": "false" });
    const { code, stderr } = await backup(made);
    expect(code).toBe(1);
    const [time] = await sealed(made);
    expect(stderr).toContain(`${made.module}/${time} is sealed and stays, but the hook davit.exec.after`);
    expect((await lastRun(made)).at(-1)).toMatchObject({ type: "ended", outcome: "failed" });
    expect(await made.davit.json("verify", "--all")).toHaveLength(1);
  });
});

describe("Davit, ended while a module is held by hooks", () => {
  const hanging = { ...byHooks, "davit.hold.timeout": "10m", "davit.exec.hold": note("hold", "sleep 1000") };

  async function heldBy(made: LabelledModule) {
    const child = made.davit.start("backup", made.module);
    await expect.poll(() => notes(made.id), { timeout: 60_000 }).toContain("hold");
    return { child, exit: once(child, "exit") };
  }

  it("by kill -9 is released by the next start", async () => {
    const made = await scene(hanging);
    const { child, exit } = await heldBy(made);
    child.kill("SIGKILL");
    await exit;
    expect(await notes(made.id)).toEqual(["before", "hold"]);
    const served = made.davit.start("serve");
    await expect.poll(() => notes(made.id), { timeout: 60_000 }).toEqual(["before", "hold", "release"]);
    await expect.poll(() => ledger(made), { timeout: 10_000 }).toBeNull();
    const ended = once(served, "exit");
    served.kill("SIGTERM");
    await ended;
  });

  it("by SIGTERM releases at once", async () => {
    const made = await scene(hanging);
    const { child, exit } = await heldBy(made);
    child.kill("SIGTERM");
    expect(await exit).toEqual([130, null]);
    expect(await notes(made.id)).toEqual(["before", "hold", "release", "after"]);
    expect(await ledger(made)).toBeNull();
    expect(await sealed(made)).toEqual([]);
  });

  it("does not release what ended meanwhile, nor starts it", async () => {
    const made = await scene(hanging);
    const { child, exit } = await heldBy(made);
    child.kill("SIGKILL");
    await exit;
    await engine.getContainer(made.id).kill();
    const { stderr } = await backup(made);
    expect(stderr).toContain("ended while it was held; its hook davit.exec.release was not run");
    expect(await ledger(made)).toBeNull();
  });
});
