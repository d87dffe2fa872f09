import type { ChildProcess } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load-config.ts";
import { backupModule } from "../../../src/flow/backup.ts";
import { openDavit } from "../../../src/flow/open-davit.ts";
import { finished } from "../../fixtures/davit-program.ts";
import { busyboxImage, ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, stateOf } from "../../fixtures/live/engine.ts";
import { freezeWhileHeld } from "../../fixtures/live/freeze-while-held.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { mountLoopFileSystem } from "../../fixtures/live/loop-file-system.ts";
import { mountInMemory } from "../../fixtures/live/mount-in-memory.ts";
import { startPrivateEngine } from "../../fixtures/live/private-engine.ts";
import { runTool } from "../../fixtures/run-tool.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

async function noise(source: string, mebibytes: number): Promise<void> {
  const file = join(source, "noise");
  await runTool("dd", "if=/dev/urandom", `of=${file}`, "bs=1M", `count=${mebibytes}`, "status=none");
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Data that takes a while to read, none of it before the hold. */
async function slow(source: string): Promise<void> {
  await mountInMemory(source);
  await noise(source, 200);
}

/** No container held, earlier backups sound, no half backup listed or left, and the next run succeeds. */
async function expectUnharmed({ davit, module, id }: LabelledModule, backups: number): Promise<void> {
  expect(await stateOf(id)).toBe("running");
  expect(await davit.json("list", module)).toHaveLength(backups);
  expect(await davit.json("verify", "--all")).toHaveLength(backups);
  await davit.json("backup", module);
  expect(await davit.json("list", module)).toHaveLength(backups + 1);
  expect((await names(join(davit.vault, module))).filter((name) => name.startsWith("."))).toEqual([]);
}

it("a vault that gets full fails the backup with the way out, and costs nothing else", async () => {
  const scene = await labelledModule(containers, (source) => noise(source, 4));
  const { davit, module, source } = scene;
  await mountLoopFileSystem(davit.vault, 20);
  await davit.json("backup", module);
  await noise(source, 30);
  const { code, stderr } = await davit.run("backup", module);
  expect(code).toBe(7);
  expect(stderr).toContain("no space left on device");
  expect(stderr).toContain("hint: the file system is full");
  await noise(source, 4);
  await expectUnharmed(scene, 1);
});

it("a read-only vault fails the backup with the way out, and is still read", async () => {
  const scene = await labelledModule(containers, (source) => noise(source, 1));
  const { davit, module } = scene;
  await mountLoopFileSystem(davit.vault, 20);
  await davit.json("backup", module);
  await runTool("mount", "-o", "remount,ro", davit.vault);
  const { code, stderr } = await davit.run("backup", module);
  expect(code).toBe(7);
  expect(stderr).toContain("read-only file system");
  expect(stderr).toContain("hint: the file system is mounted read-only");
  expect(await stateOf(scene.id)).toBe("running");
  const verified = await davit.run("verify", `${module}@latest`);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining("sound") });
  expect(verified.stderr).toContain("can't be written down");
  await runTool("mount", "-o", "remount,rw", davit.vault);
  await expectUnharmed(scene, 1);
});

it("a full state folder fails the run before anything is held", async () => {
  const scene = await labelledModule(containers, (source) => noise(source, 1));
  const { davit, module } = scene;
  await mountLoopFileSystem(davit.state, 2);
  await davit.json("backup", module);
  const fill = 'head -c 100M /dev/zero >"$1"; sync; while head -c 256 /dev/zero >>"$1"; do :; done';
  await runTool("sh", "-c", `${fill} 2>/dev/null`, "sh", join(davit.state, "filling"));
  const { code, stderr } = await davit.run("backup", module);
  expect(code).toBe(7);
  expect(stderr).toContain("hint: the file system is full");
  expect(await stateOf(scene.id)).toBe("running");
  await rm(join(davit.state, "filling"));
  await expectUnharmed(scene, 1);
});

it.each(["SIGTERM", "SIGINT"] as const)(
  "a backup that gets %s while it holds ends cleanly: released, and nothing left",
  async (signal) => {
    const scene = await labelledModule(containers, slow);
    const { davit, module, id } = scene;
    const child = davit.start("backup", module);
    const end = finished(child);
    await freezeWhileHeld(child, scene);
    child.kill(signal);
    child.kill("SIGCONT");
    const { code, stderr } = await end;
    expect(code).toBe(130);
    expect(stderr).toContain(`cancelled by ${signal}`);
    expect(await stateOf(id)).toBe("running");
    expect(await names(join(davit.vault, module))).toEqual([]);
    expect(await davit.json("runs")).toMatchObject([{ outcome: "cancelled" }]);
  },
);

it("a container that is removed while it is held is told, and the backup goes on", async () => {
  const scene = await labelledModule(containers, slow);
  const { davit, module, id, source } = scene;
  const child = davit.start("backup", module);
  const end = finished(child);
  await freezeWhileHeld(child, scene);
  await runTool("docker", "rm", "-f", id);
  child.kill("SIGCONT");
  const { code, stderr } = await end;
  expect(code).toBe(0);
  expect(stderr).toContain(`the container ${module} was removed while it was held`);
  const again = await containers.make({ name: module, labels: { "davit.enable": "true" }, binds: [`${source}:/data`] });
  await expectUnharmed({ ...scene, id: again.id }, 1);
});

it("an engine that restarts in the middle of a hold leaves no container paused, and the next run succeeds", async () => {
  const engine = await startPrivateEngine();
  await ensureBusyboxImage(engine.client);
  const scene = await labelledModule(containers, slow);
  const { davit, module, source } = scene;
  davit.environment["DOCKER_HOST"] = engine.dockerHost;
  const made = await engine.client.createContainer({
    name: module,
    Image: busyboxImage,
    Cmd: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"],
    Labels: { "davit.enable": "true" },
    HostConfig: { Binds: [`${source}:/data`], NetworkMode: "none", RestartPolicy: { Name: "always" } },
  });
  await made.start();
  const child: ChildProcess = davit.start("backup", module);
  const end = finished(child);
  await freezeWhileHeld(child, scene, async () => (await made.inspect()).State.Status);
  await engine.restart();
  child.kill("SIGCONT");
  const { code, stderr } = await end;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { State } = await made.inspect();
  expect(State).toMatchObject({ Running: true, Paused: false });
  await davit.json("backup", module);
  expect(await davit.json("verify", "--all")).toHaveLength(2);
  await made.remove({ force: true });
});

it("a clock that was set back loses no backup and hinders none", async () => {
  const scene = await labelledModule(containers, (source) => noise(source, 1), { "davit.keep": "last=1" });
  const { davit, module } = scene;
  const opened = await openDavit(loadConfig(davit.environment));
  const backUpAt = async (now: Date): Promise<void> => {
    const signal = new AbortController().signal;
    await backupModule({ ...opened, now: () => now }, module, { trigger: "cli", signal });
  };
  await backUpAt(new Date(Date.now() + 3 * 86_400_000));
  await davit.json("backup", module);
  await davit.json("backup", module);
  // The one of the future is kept, and not taken for the newest.
  const list = await davit.json("list", module);
  expect(list).toHaveLength(2);
  expect(await davit.json("prune", module, "--dry-run")).toMatchObject([
    { decisions: [{ keep: true, reason: expect.stringContaining("dated in the future") }, { keep: true }] },
  ]);
  expect(await davit.json("verify", "--all")).toHaveLength(2);
  await writeFile(join(scene.source, "mark"), "now\n");
  await davit.json("backup", module);
  const { stdout } = await davit.run("cat", `${module}@latest`, join(scene.source, "mark"));
  expect(stdout).toBe("now\n");
});
