import { once } from "node:events";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { busyboxImage, ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { comparableContainer, comparableNetwork, comparableVolume } from "../../fixtures/live/comparable.ts";
import { Containers, engine, removeContainer, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { labelledModule } from "../../fixtures/live/labelled-module.ts";
import { type PrivateEngine, startPrivateEngine } from "../../fixtures/live/private-engine.ts";
import { startRegistry } from "../../fixtures/live/registry.ts";
import { type RichModule, richModule } from "../../fixtures/live/rich-module.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

type Picture = Record<string, Record<string, unknown>>;

interface Lost {
  davit: DavitProgram;
  module: RichModule;
  /** What the engine said of its containers, networks and volume. */
  before: Picture;
  /** An empty Docker host, to which `davit` is connected. */
  host: PrivateEngine;
}

async function pictureOf(client: typeof engine, { containers, networks, volume }: RichModule): Promise<Picture> {
  const picture: Picture = { [volume]: await comparableVolume(client, volume) };
  for (const name of Object.values(networks)) picture[name] = await comparableNetwork(client, name);
  for (const name of Object.values(containers)) picture[name] = await comparableContainer(client, name);
  return picture;
}

/** A module that was backed up; then its host was lost, and there is a new one. */
async function lostModule({
  withImage = true,
  binds = [],
}: { withImage?: boolean; binds?: string[] } = {}): Promise<Lost> {
  const davit = await DavitProgram.in(await scratchFolder());
  const module = await richModule(davit, binds);
  await davit.json("backup", module.name);
  const before = await pictureOf(engine, module);
  await module.remove();
  await rm(module.source, { recursive: true });
  const host = await startPrivateEngine();
  // The very image, as from a copy that somebody kept.
  if (withImage)
    await runTool("sh", "-c", 'docker save "$1" | docker -H "$2" load', "sh", busyboxImage, host.dockerHost);
  davit.environment["DOCKER_HOST"] = host.dockerHost;
  onTestFinished(() => removeAll(host));
  return { davit, module, before, host };
}

async function removeAll({ client }: PrivateEngine): Promise<void> {
  for (const { Id } of await client.listContainers({ all: true }))
    await client.getContainer(Id).remove({ force: true });
}

/** All that there is on a host, by name. */
async function thingsOn({ client }: PrivateEngine): Promise<string[]> {
  const containers = (await client.listContainers({ all: true })).flatMap((one) => one.Names);
  const networks = (await client.listNetworks()).map((one) => one.Name);
  const volumes = (await client.listVolumes()).Volumes.map((one) => one.Name);
  return [...containers, ...networks, ...volumes].filter((one) => !["host", "none", "bridge"].includes(one));
}

async function inside({ dockerHost }: PrivateEngine, container: string, ...command: string[]): Promise<string> {
  return runTool("docker", "-H", dockerHost, "exec", container, ...command);
}

/** Starts a recovery and kills it once it has come to that stage. */
async function killAt(stage: string, davit: DavitProgram, backup: string): Promise<void> {
  const before = await runFiles(davit);
  const child = davit.start("recreate", backup);
  const exit = once(child, "exit");
  const isThere = async (): Promise<boolean> => {
    const [file] = (await runFiles(davit)).filter((one) => !before.includes(one));
    if (file === undefined) return false;
    return (await readFile(join(davit.state, "runs", file), "utf8")).includes(`"stage":"${stage}"`);
  };
  await expect.poll(isThere, { timeout: 60_000, interval: 2 }).toBe(true);
  child.kill("SIGKILL");
  await exit;
}

async function runFiles(davit: DavitProgram): Promise<string[]> {
  return readdir(join(davit.state, "runs"));
}

describe("davit recreate", () => {
  it("makes a module anew on an empty host, equal in everything, and its services answer", async () => {
    const { davit, module, before, host } = await lostModule();
    const { containers: names } = module;
    const made = await davit.json("recreate", `${module.name}@latest`);
    expect(made).toMatchObject({ volumes: [module.volume], unwell: [], notesTotal: 0 });
    expect(await pictureOf(host.client, module)).toEqual(before);
    expect(await readFile(join(module.source, "one"), "utf8")).toBe("first\n");
    const { Mountpoint } = await host.client.getVolume(module.volume).inspect();
    expect(await readFile(join(Mountpoint, "two"), "utf8")).toBe("second\n");
    expect(await inside(host, names.web, "wget", "-qO-", "http://store/two")).toBe("second\n");
    expect(await inside(host, names.helper, "wget", "-qO-", "http://127.0.0.1:8000/one")).toBe("first\n");
    expect(await readdir(join(davit.state, "recreations"))).toEqual([]);

    const again = await davit.run("recreate", `${module.name}@latest`);
    expect(again.code).toBe(1);
    for (const thing of [...Object.values(names), module.volume, module.source]) expect(again.stderr).toContain(thing);
    expect(await pictureOf(host.client, module)).toEqual(before);
    expect((await davit.run("backup", module.name)).code).toBe(0);
  });

  it("shows first what it would make, and makes nothing", async () => {
    const { davit, module, host } = await lostModule();
    const plan = await davit.json("recreate", `${module.name}@latest`, "--dry-run");
    expect(plan).toMatchObject({
      networks: [
        { name: module.networks.back, isThere: false },
        { name: module.networks.front, isThere: false },
      ],
      volumes: [module.volume],
      paths: [module.source],
      inTheWay: [],
      missing: [],
    });
    const { stdout } = await davit.run("recreate", `${module.name}@latest`, "--dry-run");
    expect(stdout).toMatch(/container +\S+-job: would not be started/u);
    expect(await thingsOn(host)).toEqual([]);
    expect(await readdir(davit.root)).toEqual([]);
  });

  it("says which image is missing, and how to get it, before it makes anything", async () => {
    const { davit, module, host } = await lostModule({ withImage: false });
    const { code, stderr } = await davit.run("recreate", `${module.name}@latest`);
    expect(code).toBe(4);
    expect(stderr).toContain("davit-test-busybox:applets");
    expect(stderr).toContain("docker load");
    expect(await thingsOn(host)).toEqual([]);
  });

  it("pulls an image that is gone, by its digest", async () => {
    const built = `${uniqueName("image")}:1`;
    const { id } = await containers.make({ started: false });
    await runTool("docker", "commit", "--change", `LABEL davit.test=${built}`, id, built);
    onTestFinished(async () => void (await runTool("docker", "rmi", built).catch(() => undefined)));
    const image = await startRegistry(built);
    await runTool("docker", "rmi", built);
    await runTool("docker", "pull", image);
    onTestFinished(
      async () =>
        void (await runTool("sh", "-c", 'docker rmi $(docker images -q "$1")', "sh", image.replace(/:1$/u, ""))),
    );

    const { davit, module, source } = await labelledModule(
      containers,
      async (folder) => writeFile(join(folder, "one"), "first\n"),
      {},
      undefined,
      image,
    );
    await davit.json("backup", module);
    await removeContainer(module);
    await rm(source, { recursive: true });
    await runTool("docker", "rmi", image);

    const backup = `${module}@latest`;
    const pull = expect.stringMatching(new RegExp(`^${image.replace(/:1$/u, "")}@sha256:[0-9a-f]{64}$`, "u"));
    expect(await davit.json("recreate", backup, "--dry-run")).toMatchObject({ images: [{ image, pull }] });
    await davit.json("recreate", backup);
    containers.adopt(module);
    expect(await stateOf(module)).toBe("running");
    expect(await readFile(join(source, "one"), "utf8")).toBe("first\n");
  });

  it("names all that is in the way, and touches nothing of it", async () => {
    const { davit, module, host } = await lostModule();
    await host.client.createVolume({ Name: module.volume });
    await mkdir(module.source);
    await writeFile(join(module.source, "precious"), "new");
    const { code, stderr } = await davit.run("recreate", `${module.name}@latest`);
    expect(code).toBe(1);
    expect(stderr).toContain(`the volume ${module.volume}; ${module.source} on the host`);
    expect(await thingsOn(host)).toEqual([module.volume]);
    expect(await readdir(module.source)).toEqual(["precious"]);
  });

  it("takes all back where it fails in the middle, and keeps the data aside", async () => {
    const program = join(await scratchFolder(), "program");
    await copyFile("/bin/busybox", program);
    const { davit, module, host } = await lostModule({ binds: [`${program}:/bin/zcat`] });
    // On the new host a folder stands there, which the engine can't mount over a file.
    await rm(program);
    await mkdir(program);
    const { code, stderr } = await davit.run("recreate", `${module.name}@latest`);
    expect(code).toBe(1);
    expect(stderr).toContain("the data that came in is kept in");
    expect(await thingsOn(host)).toEqual([]);
    expect(await readdir(davit.root)).toEqual([expect.stringContaining(".undone-")]);
    expect(await readdir(join(davit.state, "recreations"))).toEqual([]);
  });

  it("leaves nothing where it is killed in the middle", { timeout: 600_000 }, async () => {
    const { davit, module, before, host } = await lostModule();
    for (const stage of ["networks", "volumes", "extract", "containers", "start"]) {
      await killAt(stage, davit, `${module.name}@latest`);
      await davit.json("settle");
      expect({ stage, left: await thingsOn(host) }).toEqual({ stage, left: [] });
      expect((await readdir(davit.root)).filter((name) => !name.startsWith(".undone-"))).toEqual([]);
    }
    await davit.json("recreate", `${module.name}@latest`);
    expect(await pictureOf(host.client, module)).toEqual(before);
  });
});
