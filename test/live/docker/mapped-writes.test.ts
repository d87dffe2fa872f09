import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Manifest } from "../../../src/contract/manifest.ts";
import type { RunReporter } from "../../../src/contract/run-event.ts";
import { DavitInProcess } from "../../fixtures/live/davit-in-process.ts";
import { Containers, uniqueName } from "../../fixtures/live/engine.ts";
import { expectExact } from "../../fixtures/live/expect-exact.ts";
import { mappedFiles, readMapped, startMappedWriter } from "../../fixtures/live/mapped/start-mapped-writer.ts";
import { servicesImage } from "../../fixtures/live/services-image.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();
afterEach(async () => containers.removeAll());

const mebibyte = 1024 ** 2;
const bulk = 80 * mebibyte;

/** Makes numbered files, and removes each once there are five later ones. */
const churn = "i=0; while :; do i=$((i + 1)); echo $i >/data/churn/$i; rm -f /data/churn/$((i - 5)); done";

interface Scene {
  davit: DavitInProcess;
  module: string;
  /** The container's id. */
  id: string;
  source: string;
  scratch: string;
}

/** A module in which files come and go, and which takes a while to read. The mapped files are the first that are read. */
async function startModule(): Promise<Scene> {
  const scratch = await scratchFolder();
  const davit = await DavitInProcess.in(scratch);
  const module = uniqueName("mapped");
  const source = join(davit.root, module);
  for (const name of ["a-mapped", "churn", "still"]) await mkdir(join(source, name), { recursive: true });
  await runTool("sh", "-c", `head -c ${bulk} /dev/urandom | split -b 1M - "$1/still/"`, "sh", source);
  const { id } = await containers.make({
    name: module,
    image: servicesImage,
    labels: { "davit.enable": "true" },
    binds: [`${source}:/data`],
  });
  spawn("docker", ["exec", "-d", id, "sh", "-c", churn]);
  return { davit, module, id, source, scratch };
}

/** Takes the sealed backup apart with tar, and gives the data as it was at the hold. */
async function extract({ davit, source, scratch }: Scene, manifest: Manifest): Promise<string> {
  const target = join(scratch, "extracted");
  await rm(target, { recursive: true, force: true });
  const paths = await expectExact(davit.folder(manifest), manifest, target);
  const folder = join(source, "churn").slice(1);
  const numbers = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => Number(basename(path)));
  expectAtOnce(numbers.toSorted((one, other) => one - other));
  return join(target, source);
}

/** Five or six files in a row are what the folder has at any one moment. */
function expectAtOnce(numbers: readonly number[]): void {
  const [first = NaN] = numbers;
  expect(numbers).toEqual(numbers.map((_, at) => first + at));
  expect([5, 6]).toContain(numbers.length);
}

test("what is written through memory maps is in the backup as it was at the hold", async () => {
  const scene = await startModule();
  const writer = await startMappedWriter(scene.id, "/data/a-mapped");
  for (let round = 0; round < 6; round += 1) {
    await writer.untilTold(50);
    const manifest = await scene.davit.backup(scene.module);
    expect(manifest.hold).toMatchObject({ mode: "pause", consistent: true });
    const found = await readMapped(join(await extract(scene, manifest), "a-mapped"));
    const least = writer.before(new Date(manifest.held ?? NaN));
    expect(least.cold).toBeGreaterThan(0);
    expect(found.warm).toBeGreaterThanOrEqual(least.warm);
    expect(found.cold).toBeGreaterThanOrEqual(least.cold);
  }
  await writer.end();
});

test("a last write through a memory map just before the hold is in the backup, flushed or not", async () => {
  const scene = await startModule();
  for (let round = 0; round < 3; round += 1) {
    const writer = await startMappedWriter(scene.id, "/data/a-mapped");
    await writer.untilTold(50);
    const manifest = await scene.davit.backup(scene.module, whenRead(writer.stop));
    const { at, last } = await writer.stopped;
    const extracted = join(await extract(scene, manifest), "a-mapped");
    const found = await readMapped(extracted);
    const least = writer.before(new Date(manifest.held ?? NaN));
    expect(found.warm).toBeGreaterThanOrEqual(least.warm);
    expect(found.cold).toBeGreaterThanOrEqual(least.cold);
    // Always so where the module is read before it is held.
    if (at.getTime() < Date.parse(manifest.held ?? "")) {
      const sums = async (folder: string): Promise<string> =>
        runTool("sh", "-c", 'cd "$1" && sha256sum *', "sh", folder);
      const same = (await sums(extracted)) === (await sums(join(scene.source, "a-mapped")));
      if (!same || found.warm !== last.warm || found.cold !== last.cold)
        throw new Error(
          `the backup has ${JSON.stringify(found)}, and ${JSON.stringify(last)} was written before the hold`,
        );
    }
    await writer.end();
    for (const name of Object.keys(mappedFiles)) await rm(join(scene.source, "a-mapped", name));
  }
});

/** Calls once what comes after the mapped files is being read, or the hold begins. */
function whenRead(call: () => void): RunReporter {
  let called = false;
  const once = (): void => {
    if (!called) call();
    called = true;
  };
  return {
    stage: (name) => void (name === "hold" && once()),
    progress: ({ bytes }) => void (bytes > 24 * mebibyte && once()),
    warning: () => undefined,
    output: () => undefined,
  };
}
