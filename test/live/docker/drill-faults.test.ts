import { once } from "node:events";
import { mkdir, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { evidence, type Evidence } from "../../../src/contract/manifest.ts";
import { DavitProgram, type Finished } from "../../fixtures/davit-program.ts";
import { ensureBusyboxImage, busyboxImage } from "../../fixtures/live/busybox-image.ts";
import { drillRemains } from "../../fixtures/live/drill-remains.ts";
import { Containers, engine, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { inside } from "../../fixtures/live/service.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();
const kills = 12;

beforeAll(async () => void (await ensureBusyboxImage()));
afterEach(async () => containers.removeAll());

const files = async (source: string): Promise<void> => {
  for (let file = 0; file < 300; file++) await writeFile(join(source, `file-${file}`), `${file}\n`.repeat(500));
};

/** A drill that has to fail: what was said, and what was written down. */
async function failing({
  davit,
  module,
}: Pick<LabelledModule, "davit" | "module">): Promise<Finished & { written: Evidence }> {
  const ended = await davit.run("drill", `${module}@latest`);
  expect(ended.code).not.toBe(0);
  expect(await drillRemains(davit, module)).toEqual([]);
  const text = await readFile(join(await backupFolder(davit, module), "evidence.ndjson"), "utf8");
  const written = evidence.parse(JSON.parse(text.trim().split("\n").at(-1) ?? ""));
  expect(written).toMatchObject({ kind: "drilled", ok: false });
  expect((await davit.run("list", module)).stdout).toContain("NOT drilled just now");
  return { ...ended, written };
}

async function backupFolder(davit: DavitProgram, module: string): Promise<string> {
  const [time = ""] = (await readdir(join(davit.vault, module))).toSorted().reverse();
  return join(davit.vault, module, time);
}

describe("a drill fails, with the right words, for", () => {
  it("a damaged archive", async () => {
    const scene = await labelledModule(containers, files);
    await scene.davit.json("backup", scene.module);
    const archive = join(await backupFolder(scene.davit, scene.module), `${scene.module}.tar.gz`);
    const handle = await open(archive, "r+");
    await handle.write(Buffer.from("damaged on purpose"), 0, 18, Math.floor((await stat(archive)).size / 2));
    await handle.close();
    const { code, stderr, written } = await failing(scene);
    expect(code).toBe(8);
    expect(stderr).toMatch(/not what was backed up|archive|checksum|compressed/u);
    expect(written.detail).toBe(stderr.split("\n")[0]?.replace(`${scene.module}@latest: `, ""));
  });

  it("an image that is gone, which is not pulled", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("gone");
    const image = `${uniqueName("image")}:1`;
    const { id: base } = await containers.make({ started: false });
    await runTool("docker", "commit", "--change", `LABEL made=${module}`, base, image);
    await mkdir(join(davit.root, module));
    const { id } = await containers.make({
      name: module,
      image,
      labels: { "davit.enable": "true" },
      binds: [`${join(davit.root, module)}:/data`],
    });
    await davit.json("backup", module);
    await containers.removeAll();
    await engine.getImage(image).remove();
    const { code, stderr, written } = await failing({ davit, module });
    expect(code).toBe(4);
    expect(written.detail).toContain(`the image of ${module} is gone: ${image}`);
    expect(stderr).toMatch(/hint: a real recovery would lack it as well; .*docker save/u);
    expect(await stateOf(id)).toBe("gone");
  });

  it("a health check that fails: its own words and the container's log", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("ill");
    await mkdir(join(davit.root, module));
    const words = `--name ${module} -l davit.enable=true -l davit.drill.timeout=6s -v ${join(davit.root, module)}:/data`;
    const health = ["--health-interval", "1s", "--health-retries", "2", "--health-cmd", "echo no database; exit 1"];
    const command = ["sh", "-c", "echo looking for the database; exec sleep 1000"];
    containers.adopt(
      (await runTool("docker", "create", ...words.split(" "), ...health, busyboxImage, ...command)).trim(),
    );
    await davit.json("backup", module);
    const { code, stderr, written } = await failing({ davit, module });
    expect(code).toBe(1);
    expect(written.detail).toBe(`the drill failed: not well within 6 s: ${module} is unhealthy: no database`);
    expect(written.logs).toEqual([{ container: module, text: "looking for the database\n" }]);
    expect(stderr).toContain(`last lines of ${module}:\n  looking for the database`);
  });

  it.each([
    ["tcp:9", /not well within 15 s: .*ECONNREFUSED/u],
    ["http:9/", /not well within 15 s: .*ECONNREFUSED/u],
    ["exec:sh -c 'echo table is missing; exit 3'", /not well within 15 s: .*sh ended with 3: table is missing/u],
    ["exec:no-such-program", /not well within 15 s: .*no such program/u],
  ])("a check %s that is not answered within the limit", async (check, words) => {
    const scene = await labelledModule(containers, files, { "davit.drill": check, "davit.drill.timeout": "15s" });
    scene.davit.environment["DAVIT_IMAGE"] = "davit:test";
    await scene.davit.json("backup", scene.module);
    expect((await failing(scene)).written.detail).toMatch(words);
  });

  it("a module that needs longer than its limit", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("slow");
    await mkdir(join(davit.root, module));
    const words = `--name ${module} -l davit.enable=true -l davit.drill.timeout=3s -v ${join(davit.root, module)}:/data`;
    const health = ["--health-interval", "1s", "--health-start-period", "60s", "--health-cmd", "test -e /ready"];
    const command = ["sh", "-c", "sleep 30; touch /ready; exec sleep 1000"];
    containers.adopt(
      (await runTool("docker", "create", ...words.split(" "), ...health, busyboxImage, ...command)).trim(),
    );
    await davit.json("backup", module);
    const { written, stderr } = await failing({ davit, module });
    expect(written.detail).toBe(`the drill failed: not well within 3 s: ${module} is starting`);
    expect(stderr).toContain("davit.drill.timeout allows for more time");
  });

  it("a container that ends at once", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("short");
    await mkdir(join(davit.root, module));
    await writeFile(join(davit.root, module, "broken"), "yes\n");
    const labels = { "davit.enable": "true" };
    const command = ["sh", "-c", "echo my data is broken; exit 7"];
    await containers.make({
      name: module,
      labels,
      command,
      binds: [`${join(davit.root, module)}:/data`],
      started: false,
    });
    await davit.json("backup", module);
    const { written } = await failing({ davit, module });
    expect(written.detail).toBe(`the drill failed: ${module} ended with exit code 7`);
    expect(written.logs).toEqual([{ container: module, text: "my data is broken\n" }]);
  });
});

it("a drill that is off, one of no backup, and one whose engine is away say nothing of the backup", async () => {
  const scene = await labelledModule(containers, files, { "davit.drill": "off" });
  const { davit, module } = scene;
  expect((await davit.run("drill", `${module}@latest`)).code).toBe(4);
  await davit.json("backup", module);
  const off = await davit.run("drill", `${module}@latest`);
  expect([off.code, off.stderr]).toEqual([2, expect.stringContaining(`drills of ${module} are off`)]);
  davit.environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  expect((await davit.run("drill", `${module}@latest`)).code).toBe(6);
  expect(await drillRemains(davit, module)).toEqual([]);
  expect(await readdir(await backupFolder(davit, module))).not.toContain("evidence.ndjson");
});

describe("a drill that is cut off", { timeout: 900_000 }, () => {
  it(`by kill -9, at ${kills} moments, leaves nothing once Davit runs again, and the module alone`, async () => {
    const scene = await labelledModule(containers, files, { "davit.drill": "tcp:80" });
    const { davit, module, id } = scene;
    davit.environment["DAVIT_IMAGE"] = "davit:test";
    await inside(id, "sh", "-c", "true");
    await davit.json("backup", module);
    const before = await engine.getContainer(id).inspect();
    for (let kill = 0; kill < kills; kill++) {
      const child = davit.start("drill", `${module}@latest`);
      const exit = once(child, "exit");
      await reached(davit, module, kill % 4);
      setTimeout(() => child.kill("SIGKILL"), Math.random() * 300);
      await exit;
      await davit.json("verify", `${module}@latest`);
      expect(await drillRemains(davit, module)).toEqual([]);
    }
    expect(await engine.getContainer(id).inspect()).toEqual(before);
  });

  it("by kill -9 leaves nothing once the server has started, and by SIGTERM nothing at all", async () => {
    const scene = await labelledModule(containers, files, { "davit.drill": "exec:false" });
    const { davit, module } = scene;
    await davit.json("backup", module);
    const child = davit.start("drill", `${module}@latest`);
    const exit = once(child, "exit");
    await reached(davit, module, 3);
    child.kill("SIGKILL");
    await exit;
    expect(await drillRemains(davit, module)).not.toEqual([]);
    davit.environment["DAVIT_PASSWORD"] = "for the test alone";
    const served = await ServedDavit.over(davit);
    expect(await drillRemains(davit, module)).toEqual([]);

    await served.signIn("for the test alone");
    await served.begin(`/api/v1/backups/${module}/latest/drill`);
    await reached(davit, module, 3);
    expect(await served.end("SIGTERM")).toBe(0);
    expect(await drillRemains(davit, module)).toEqual([]);
    const [run] = JSON.parse((await davit.run("runs", "--limit", "1", "--json")).stdout);
    expect(run).toMatchObject({ kind: "drill", outcome: "cancelled" });
    expect((await davit.run("list", module)).stdout).not.toContain("drilled");
  });
});

/** Waits until a drill has written its journal (0), has a folder (1), a network (2), a container (3). */
async function reached(davit: DavitProgram, module: string, part: number): Promise<void> {
  const marks = [/^.+\.json$/u, /^drill-/u, /^davit-/u, /^\/davit-/u];
  const seen = async () => (await drillRemains(davit, module)).some((name) => marks[part]?.test(name));
  await expect.poll(seen, { timeout: 60_000, interval: 5 }).toBe(true);
}
