import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { connectDocker } from "../../../src/docker/connect-docker.ts";
import { composeFile } from "../../../src/discover/compose-file.ts";
import { discoverModules } from "../../../src/discover/discover-modules.ts";
import { moduleDocuments } from "../../../src/discover/module-documents.ts";
import { configWith } from "../../fixtures/container.ts";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { comparableContainer, comparableNetwork, comparableVolume } from "../../fixtures/live/comparable.ts";
import { engine } from "../../fixtures/live/engine.ts";
import { type RichModule, richModule } from "../../fixtures/live/rich-module.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

beforeAll(async () => {
  await ensureBusyboxImage();
});

/** scripts/test made sure of both. */
async function composeOf(version: string): Promise<string> {
  return version === "1.29" ? "docker-compose" : (await runTool("scripts/ensure-compose")).trim();
}

async function pictureOf({ containers, networks, volume }: RichModule): Promise<unknown> {
  return {
    volume: await comparableVolume(engine, volume),
    networks: await Promise.all(
      Object.values(networks).map(async (name) => ({
        ...(await comparableNetwork(engine, name)),
        // docker-compose 1.29 makes every network attachable, which means nothing outside of a swarm.
        Attachable: null,
      })),
    ),
    containers: await Promise.all(
      Object.values(containers).map(async (name) => likely(await comparableContainer(engine, name))),
    ),
  };
}

const saidOtherwise = {
  config: ["Image", "AttachStdout", "AttachStderr", "Volumes", "OnBuild"],
  // `mounts` says what came of the mounts.
  host: ["Binds", "Mounts", "Links", "VolumesFrom"],
};

/** Without what a compose can't be told, or says in another way that means the same. */
function likely({ config, host, networks, image, mounts, ...rest }: Record<string, unknown>): unknown {
  const name = String(rest["name"]).slice(1);
  // Compose adds the names of service and container, which resolve anyway.
  const own = [name, name.split("-").at(-1)];
  const endpoints = Object.entries(plain(networks)).map(([network, endpoint]) => {
    const { aliases, fixed } = plain(endpoint);
    return [network, { fixed, aliases: Array.isArray(aliases) ? aliases.filter((one) => !own.includes(one)) : [] }];
  });
  return {
    name,
    image,
    mounts,
    config: filled(plain(config), saidOtherwise.config),
    host: filled(plain(host), saidOtherwise.host),
    networks: Object.fromEntries(endpoints),
  };
}

function plain(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Null, empty and 0 all mean that nothing was said. */
function filled(value: Record<string, unknown>, without: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, one]) =>
        !without.includes(key) && one !== null && one !== "" && one !== 0 && one !== false && !isEmpty(one),
    ),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

describe.each(["1.29", "2"])("the compose file of a backup, with compose %s", (version) => {
  it("is accepted, and yields equal containers, networks and volumes", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = await richModule(davit);
    const docker = connectDocker("unix:///var/run/docker.sock");
    const found = await discoverModules(docker, configWith({ roots: [davit.root] }));
    const [described] = found.filter((one) => one.name === module.name);
    if (described === undefined) throw new Error("the module was not found");
    const file = join(await scratchFolder(), "compose.yaml");
    await writeFile(file, composeFile(await moduleDocuments(docker, described, true), described));
    const before = await pictureOf(module);
    await module.remove();

    const compose = await composeOf(version);
    const words = ["-p", module.name, "-f", file];
    const accepted = parse(await runTool(compose, ...words, "config"));
    expect(Object.keys(accepted.services)).toHaveLength(4);
    onTestFinished(module.remove);
    // As docs/recovery.md has it: the volume first, then its data, which the database wants for its health.
    if (version === "2") await runTool(compose, ...words, "up", "--no-start");
    else await engine.createVolume({ Name: module.volume, Labels: { keeps: "data" } });
    const { Mountpoint } = await engine.getVolume(module.volume).inspect();
    await writeFile(join(Mountpoint, "two"), "second\n");
    await runTool(compose, ...words, "up", "-d");
    expect(await pictureOf(module)).toEqual(before);
  });
});
