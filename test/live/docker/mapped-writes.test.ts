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
const bulk = 120 * mebibyte;

/** Makes numbered files, and removes each once there are five later ones. */
const churn = `
import itertools, os, time
for number in itertools.count(1):
    with open(f"/data/churn/{number}", "w") as file:
        file.write(str(number))
    if number > 5:
        os.remove(f"/data/churn/{number - 5}")
    time.sleep(0.001)
`;

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
  await runTool("docker", "exec", "-d", id, "python3", "-c", churn);
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

test("the last writes through memory maps, made after the files were read and never flushed, are in the backup", async () => {
  const scene = await startModule();
  for (let round = 0; round < 3; round += 1) {
    const writer = await startMappedWriter(scene.id, "/data/a-mapped");
    await writer.untilTold(50);
    const manifest = await scene.davit.backup(scene.module, whenRead(writer.stop));
    const { at, last } = await writer.stopped;
    const extracted = join(await extract(scene, manifest), "a-mapped");
    const found = await readMapped(extracted);
    expect(at.getTime()).toBeLessThan(Date.parse(manifest.held ?? ""));
    expect({ round, found }).toEqual({ round, found: last });
    expect(await sums(extracted)).toBe(await sums(join(scene.source, "a-mapped")));
    await writer.end();
    for (const name of Object.keys(mappedFiles)) await rm(join(scene.source, "a-mapped", name));
  }
});

/** Calls once, when what comes after the mapped files is being read. */
function whenRead(call: () => void): RunReporter {
  let called = false;
  return {
    stage: () => undefined,
    progress({ bytes }) {
      if (called || bytes < 24 * mebibyte) return;
      called = true;
      call();
    },
    warning: () => undefined,
    output: () => undefined,
  };
}

async function sums(folder: string): Promise<string> {
  return runTool("sh", "-c", 'cd "$1" && sha256sum *', "sh", folder);
}
