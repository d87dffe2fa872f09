import { createServer } from "node:net";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { isUsable, type Module } from "../../../src/contract/module.ts";
import { composeFile } from "../../../src/discover/compose-file.ts";
import { moduleDocuments } from "../../../src/discover/module-documents.ts";
import { containerDocuments } from "../../../src/discover/container-documents.ts";
import { discoverModules } from "../../../src/discover/discover-modules.ts";
import { followModules } from "../../../src/discover/follow-modules.ts";
import { connectDocker } from "../../../src/docker/connect-docker.ts";
import type { Failure } from "../../../src/failure/failure.ts";
import { configWith } from "../../fixtures/container.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine, removeContainer, uniqueName } from "../../fixtures/live/engine.ts";
import { startTcpProxy } from "../../fixtures/live/tcp-proxy.ts";

const docker = connectDocker("unix:///var/run/docker.sock");
const containers = new Containers();
let root: string;
let config = configWith();
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await ensureBusyboxImage();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "davit-root-"));
  config = configWith({ roots: [root] });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await containers.removeAll();
  await rm(root, { recursive: true });
});

const on = { "davit.enable": "true" };

async function find(name: string): Promise<Module | undefined> {
  return (await discoverModules(docker, config)).find((one) => one.name === name);
}

/** Follows until the test ends; `latest` is what was told last. */
function follow(dockerHost = "unix:///var/run/docker.sock") {
  const told: { latest: Module[]; problems: Failure[] } = { latest: [], problems: [] };
  const stop = new AbortController();
  const following = followModules(
    connectDocker(dockerHost),
    config,
    ({ modules }) => (told.latest = modules),
    stop.signal,
    (problem) => told.problems.push(problem),
  );
  cleanups.push(async () => {
    stop.abort();
    await following;
  });
  const has = (name: string) => told.latest.some((one) => one.name === name);
  return { told, has, until: async (condition: () => boolean) => vi.waitUntil(condition, { timeout: 30_000 }) };
}

describe("discovery", () => {
  test("finds a labelled container with its bind mount and its named volume", async () => {
    await mkdir(join(root, "data"));
    const volume = uniqueName("volume");
    cleanups.push(async () => {
      await containers.removeAll();
      await engine.getVolume(volume).remove();
    });
    const { name, id } = await containers.make({ labels: on, binds: [`${root}/data:/data`, `${volume}:/more`] });
    const module = await find(name);
    expect(module?.warnings).toEqual([]);
    expect(module?.sources).toEqual([
      { path: `${root}/data`, kind: "bind" },
      { path: `/var/lib/docker/volumes/${volume}/_data`, kind: "volume", volume },
    ]);
    expect(module?.containers).toMatchObject([{ id, name, running: true, paused: false, dependsOn: [] }]);
    expect(module?.containers[0]?.imageDigest).toMatch(/sha256:[0-9a-f]{64}$/u);
  });

  test("finds one that does not run, and ignores one that did not opt in", async () => {
    const { name } = await containers.make({ labels: on, started: false });
    const other = await containers.make();
    expect((await find(name))?.containers[0]?.running).toBe(false);
    expect(await find(other.name)).toBeUndefined();
  });

  test("tells a socket, a file and a link below a root apart", async () => {
    const socket = join(root, "app.s");
    const server = createServer().listen(socket);
    cleanups.push(async () => void server.close());
    await writeFile(join(root, "settings.ini"), "a=1");
    await mkdir(join(root, "real"));
    await symlink(join(root, "real"), join(root, "link"));
    const binds = ["app.s", "settings.ini", "link"].map((one) => `${root}/${one}:/mnt/${one}`);
    const { name } = await containers.make({ labels: on, binds });
    const module = await find(name);
    expect(module?.sources.map((one) => one.path)).toEqual([`${root}/real`, `${root}/settings.ini`]);
    expect(module?.leftOut).toEqual([{ path: socket, reason: "a socket" }]);
  });

  test("a source that went away makes the module fail, visibly", async () => {
    await mkdir(join(root, "data"));
    const { name } = await containers.make({ labels: on, binds: [`${root}/data:/data`] });
    await rm(join(root, "data"), { recursive: true });
    const module = await find(name);
    expect(module && isUsable(module)).toBe(false);
    expect(module?.warnings).toMatchObject([{ severity: "error", message: `Davit can't see ${root}/data` }]);
  });

  test("reports another container that writes to a source", async () => {
    await mkdir(join(root, "data"));
    const { name } = await containers.make({ labels: on, binds: [`${root}/data:/data`] });
    const other = await containers.make({ binds: [`${root}:/all`] });
    expect((await find(name))?.warnings).toMatchObject([{ message: expect.stringContaining(other.name) }]);
  });

  test("gives whole documents and a compose file; values of the environment only where wanted", async () => {
    const { name, id } = await containers.make({ labels: on, command: ["env", "SECRET=1", "sleep", "1000"] });
    const module = await find(name);
    if (module === undefined) throw new Error("the module was not found");
    const documents = await containerDocuments(docker, module);
    expect(documents).toEqual([await engine.getContainer(id).inspect()]);
    expect(composeFile(await moduleDocuments(docker, module, true), module)).toContain(`container_name: ${name}`);
    const [bare] = await containerDocuments(docker, module, false);
    expect(bare?.Config.Env?.join("")).not.toContain("=");
  });
});

describe("events", () => {
  test("a container that comes and goes is followed", async () => {
    const { has, until } = follow();
    const { name, id } = await containers.make({ labels: on });
    await until(() => has(name));
    await removeContainer(id);
    await until(() => !has(name));
    expect(has(name)).toBe(false);
  });

  test("a container that stops is seen as stopped", async () => {
    const { told, until } = follow();
    const { name, id } = await containers.make({ labels: on });
    const runs = () => told.latest.find((one) => one.name === name)?.containers[0]?.running;
    await until(() => runs() === true);
    await engine.getContainer(id).stop();
    await until(() => runs() === false);
    expect(runs()).toBe(false);
  });

  test("are followed over TCP, and again after the connection was cut", async () => {
    const proxy = await startTcpProxy();
    cleanups.push(async () => proxy.shut());
    const { has, told, until } = follow(proxy.dockerHost);
    const first = await containers.make({ labels: on });
    await until(() => has(first.name));
    proxy.cut();
    const second = await containers.make({ labels: on });
    await until(() => has(second.name));
    expect(told.problems[0]).toMatchObject({ kind: "unreachable" });
  });

  test("what changed while the engine was out of reach is taken up when it is back", async () => {
    const proxy = await startTcpProxy();
    cleanups.push(async () => proxy.shut());
    const { has, told, until } = follow(proxy.dockerHost);
    const { name, id } = await containers.make({ labels: on });
    await until(() => has(name));
    await proxy.shut();
    await until(() => told.problems.length > 0);
    await removeContainer(id);
    expect(has(name)).toBe(true);
    await proxy.open();
    await until(() => !has(name));
    expect(has(name)).toBe(false);
  });
});

describe("an engine that can't be used", () => {
  test.each([
    ["unix:///nowhere/docker.sock", "no socket there"],
    ["tcp://127.0.0.1:1", "nothing listens there"],
  ])("%s is unreachable, with a hint", async (dockerHost, hint) => {
    const failure = await connectDocker(dockerHost)
      .ping()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: "unreachable", hint: expect.stringContaining(hint) });
  });

  test("a container that is not there is missing", async () => {
    const failure = await docker.inspect("davit-test-never-made").catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: "missing" });
  });

  test("the real one answers", async () => {
    await docker.ping();
    expect((await docker.version()).apiVersion).toMatch(/^\d+\.\d+$/u);
  });
});
