import type { ChildProcess } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { moduleView } from "../../../src/contract/api.ts";
import { DavitProgram, type Finished } from "../../fixtures/davit-program.ts";
import { expectSameTree } from "../../fixtures/expect-same-tree.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { ContaineredVerb } from "../../fixtures/live/containered-davit.ts";
import { Containers, engine, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { freezeWhileHeld } from "../../fixtures/live/freeze-while-held.ts";
import { richModule } from "../../fixtures/live/rich-module.ts";
import { inside } from "../../fixtures/live/service.ts";
import { untilArchiving } from "../../fixtures/live/until-archiving.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();
const volumes: string[] = [];
/** A backup that takes many seconds. */
const slowly = { "davit.compression": "zstd:19" };

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => {
  await containers.removeAll();
  for (const name of volumes.splice(0)) await engine.getVolume(name).remove();
});

interface Scene {
  davit: DavitProgram;
  module: string;
  /** The container. */
  id: string;
  /** A bind mount below a root that no container of Davit has. */
  source: string;
  /** The mount point of a named volume. */
  volume: string;
}

async function scene(labels: Record<string, string> = {}): Promise<Scene> {
  const davit = await DavitProgram.in(await scratchFolder());
  const module = uniqueName("module");
  const source = join(davit.root, module);
  await mkdir(source);
  await writeFile(join(source, "one"), "first\n");
  await runTool("chown", "1234:5678", join(source, "one"));
  const name = uniqueName("volume");
  const { Mountpoint: volume } = await (await engine.createVolume({ Name: name })).inspect();
  volumes.push(name);
  await writeFile(join(volume, "two"), "second\n");
  const { id } = await containers.make({
    name: module,
    labels: { "davit.enable": "true", ...labels },
    binds: [`${source}:/data`, `${name}:/more`],
  });
  return { davit, module, id, source, volume };
}

async function makeSlow({ source }: Scene): Promise<void> {
  await runTool("sh", "-c", 'head -c 16M /dev/urandom | base64 >"$1"', "sh", join(source, "slow"));
}

async function verb({ davit }: Scene, ...words: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await new ContaineredVerb(davit, containers, [...words, "--json"]).finished();
  if (code !== 0) throw new Error(`davit ${words.join(" ")} exited with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

async function twinsOf({ module }: Scene): Promise<string[]> {
  const found = await engine.listContainers({ all: true, filters: { label: [`davit.twin=${module}`] } });
  return found.map((one) => one.Id);
}

async function untilTwin(of: Scene): Promise<string> {
  await expect.poll(() => twinsOf(of), { timeout: 60_000, interval: 20 }).toHaveLength(1);
  return (await twinsOf(of))[0] ?? "";
}

/** The process of a twin that does the work: the one that its init started. */
async function programIn(twin: string): Promise<Pick<ChildProcess, "exitCode" | "kill">> {
  const children = async (): Promise<number[]> => {
    const { Pid } = (await engine.getContainer(twin).inspect()).State;
    if (Pid === 0) return [];
    return (await readFile(`/proc/${Pid}/task/${Pid}/children`, "utf8")).split(" ").filter(Boolean).map(Number);
  };
  await expect.poll(children, { timeout: 60_000, interval: 20 }).toHaveLength(1);
  const [pid = 0] = await children();
  return { exitCode: null, kill: (signal) => process.kill(pid, signal) };
}

async function expectNothingLeft(of: Scene, backups: number): Promise<void> {
  expect(await twinsOf(of)).toEqual([]);
  expect(await stateOf(of.id)).toBe("running");
  expect(await readdir(join(of.davit.state, "ledger")).catch(() => [])).toEqual([]);
  expect(await readdir(join(of.davit.vault, of.module)).catch(() => [])).toHaveLength(backups);
}

describe("a source that Davit's container can't see", () => {
  it("is no error of its module, and nothing is made where it should be", async () => {
    const of = await scene();
    const [module] = z.array(moduleView).parse(await verb(of, "modules", of.module));
    expect(module?.sources.map((one) => one.path)).toEqual([of.source, of.volume].toSorted());
    expect(module?.warnings).toMatchObject([{ severity: "note" }, { severity: "note" }]);
  });

  it("is backed up by a twin that sees it read-only, with its progress shown", async () => {
    const of = await scene(slowly);
    await makeSlow(of);
    const backup = new ContaineredVerb(of.davit, containers, ["backup", of.module], { tty: true });
    const twin = await engine.getContainer(await untilTwin(of)).inspect();
    const { code, stdout } = await backup.finished();
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/archive \d+ entries/u) });
    expect(twin.HostConfig.RestartPolicy?.Name).toBe("no");
    expect(twin.HostConfig.CapDrop).toEqual(["ALL"]);
    const own = twin.Mounts.filter((mount) => [of.source, of.volume].includes(mount.Source));
    expect(own.map((mount) => [mount.Destination, mount.RW])).toEqual(
      expect.arrayContaining([
        [of.source, false],
        [of.volume, false],
      ]),
    );
    await expectNothingLeft(of, 1);

    const target = await scratchFolder();
    await of.davit.json("restore", `${of.module}@latest`, "--to", target);
    await expectSameTree(join(target, of.source), of.source);
    await expectSameTree(join(target, of.volume), of.volume);
    expect(await of.davit.json("runs", of.module, "--limit", "1")).toMatchObject([{ kind: "restore", outcome: "ok" }]);
    expect(await of.davit.json("verify", "--all")).toMatchObject([{ ok: true }]);
  });
});

describe("a backup by a twin", () => {
  it("that is cancelled leaves nothing", async () => {
    const of = await scene(slowly);
    await makeSlow(of);
    const backup = new ContaineredVerb(of.davit, containers, ["backup", of.module, "--json"]);
    await untilArchiving(of);
    await backup.stop();
    expect((await backup.finished()).stdout).toContain('"kind":"cancelled"');
    await expectNothingLeft(of, 0);
    expect(await of.davit.json("runs", of.module)).toMatchObject([{ kind: "backup", outcome: "cancelled" }]);
  });

  it("that is killed in the middle of its hold leaves nothing, and is told", async () => {
    const of = await scene();
    await makeSlow(of);
    const backup = new ContaineredVerb(of.davit, containers, ["backup", of.module, "--json"]);
    const twin = await untilTwin(of);
    await freezeWhileHeld(await programIn(twin), of);
    await engine.getContainer(twin).kill();
    const { code, stdout } = await backup.finished();
    expect(code).toBe(1);
    expect(stdout).toContain(`the twin of ${of.module} was killed (exit code 137)`);
    await expectNothingLeft(of, 0);
    expect(await of.davit.json("runs", of.module)).toMatchObject([{ kind: "backup", outcome: "interrupted" }]);
  });

  it("goes on where the Davit that started it is killed, and is removed at the next start", async () => {
    const of = await scene(slowly);
    await makeSlow(of);
    const backup = new ContaineredVerb(of.davit, containers, ["backup", of.module]);
    const twin = await untilTwin(of);
    await untilArchiving(of);
    await backup.kill();
    await backup.finished();
    const first = new ContaineredVerb(of.davit, containers, ["serve"]);
    await expect.poll(() => stateOf(first.name), { timeout: 60_000 }).toBe("running");
    await expect.poll(() => logOf(first), { timeout: 60_000 }).toContain("listening");
    expect(await stateOf(twin)).toBe("running");
    await expect.poll(() => stateOf(twin), { timeout: 200_000 }).toBe("exited");
    await first.stop();
    const second = new ContaineredVerb(of.davit, containers, ["serve"]);
    await expect.poll(() => twinsOf(of), { timeout: 60_000 }).toEqual([]);
    await second.stop();
    await expectNothingLeft(of, 1);
    expect(await of.davit.json("verify", "--all")).toMatchObject([{ ok: true }]);
  });

  it("of a path that does not exist on the host fails, says so, and makes no folder", async () => {
    const of = await scene();
    await rm(of.source, { recursive: true });
    const { code, stdout } = await new ContaineredVerb(of.davit, containers, [
      "backup",
      of.module,
      "--json",
    ]).finished();
    expect(code).toBe(3);
    expect(stdout).toContain(`${of.source}, which ${of.module} keeps data in, does not exist on the host`);
    expect(await readdir(of.davit.root)).toEqual([]);
    await expectNothingLeft(of, 0);
    expect(await of.davit.json("runs", of.module)).toMatchObject([
      { kind: "backup", outcome: "failed", failure: { kind: "config" } },
    ]);
  });
});

describe("a restore in place by a twin", () => {
  async function damaged(): Promise<Scene> {
    const of = await scene();
    await verb(of, "backup", of.module);
    await writeFile(join(of.source, "one"), "ruined");
    await rm(join(of.volume, "two"));
    return of;
  }

  it("is shown first, puts the data back, and can be undone", async () => {
    const of = await damaged();
    expect(await verb(of, "restore", `${of.module}@latest`, "--in-place", "--dry-run")).toMatchObject({
      replaced: 3,
      created: 1,
      stops: [of.module],
    });
    expect(await readFile(join(of.source, "one"), "utf8")).toBe("ruined");
    const done = await verb(of, "restore", `${of.module}@latest`, "--in-place");
    expect(done).toMatchObject({ entries: 4, target: null, unwell: [] });
    expect(await readFile(join(of.source, "one"), "utf8")).toBe("first\n");
    expect(await readFile(join(of.volume, "two"), "utf8")).toBe("second\n");
    await expectNothingLeft(of, 1);

    await verb(of, "restore", "--undo", of.module);
    expect(await readFile(join(of.source, "one"), "utf8")).toBe("ruined");
    expect(await readdir(of.volume)).toEqual([]);
    await expectNothingLeft(of, 1);
    const runs = await of.davit.json("runs", of.module);
    expect(runs).toMatchObject([
      { kind: "undo", outcome: "ok" },
      { kind: "restore", outcome: "ok" },
      { kind: "backup", outcome: "ok" },
    ]);
  });

  it("brings back single files", async () => {
    const of = await damaged();
    await verb(of, "restore", `${of.module}@latest`, join(of.volume, "two"), "--in-place");
    expect(await readFile(join(of.volume, "two"), "utf8")).toBe("second\n");
    expect(await readFile(join(of.source, "one"), "utf8")).toBe("ruined");
  });

  it("that was cut off is rolled back at the next start, by a twin as well", async () => {
    const of = await damaged();
    const places = [of.source, of.volume].map((path) => ({
      root: dirname(path),
      parent: "",
      name: basename(path),
      staging: ".davit-restore-20261122T020000Z",
      incoming: basename(path),
      aside: `.before-restore-20261122T020000Z-${basename(path)}`,
      replaces: true,
    }));
    // As a kill in the middle of the exchange leaves it: the first source is renamed already.
    await rename(of.source, join(dirname(of.source), places[0]?.aside ?? ""));
    await mkdir(join(dirname(of.source), ".davit-restore-20261122T020000Z"));
    await mkdir(join(of.davit.state, "restores"), { recursive: true });
    const entry = { format: 1, module: of.module, backup: `${of.module}/20261122T020000Z`, phase: "swap", stops: true };
    await writeFile(
      join(of.davit.state, "restores", `${of.module}.open.json`),
      JSON.stringify({ ...entry, at: new Date().toISOString(), swaps: places }),
    );
    const told = z.object({ warnings: z.array(z.object({ message: z.string() })) }).parse(await verb(of, "settle"));
    expect(told.warnings.map((one) => one.message).join()).toContain("was rolled back");
    expect(await readFile(join(of.source, "one"), "utf8")).toBe("ruined");
    expect(await readdir(of.davit.root)).toEqual([of.module]);
    expect(await readdir(join(of.davit.state, "restores"))).toEqual([]);
    await expectNothingLeft(of, 1);
  });
});

it("a module is made anew by a twin, in folders that are not there yet", async () => {
  const davit = await DavitProgram.in(await scratchFolder());
  const module = await richModule(davit);
  const run = async (...words: string[]): Promise<Finished> =>
    new ContaineredVerb(davit, containers, [...words, module.name, "--json"]).finished();
  expect((await run("backup")).code).toBe(0);
  await module.remove();
  await rm(davit.root, { recursive: true });
  const words = ["recreate", `${module.name}@latest`, "--json"];
  const { code, stdout, stderr } = await new ContaineredVerb(davit, containers, words).finished();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ volumes: [module.volume], unwell: [] });
  expect(await readFile(join(module.source, "one"), "utf8")).toBe("first\n");
  expect(await inside(module.containers.web, "wget", "-qO-", "http://store/two")).toBe("second");
});

async function logOf({ name }: ContaineredVerb): Promise<string> {
  return (await engine.getContainer(name).logs({ stdout: true, stderr: true })).toString();
}
