import { chmod, chown, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { expectSameTree } from "../../fixtures/expect-same-tree.ts";
import { davitInContainer } from "../../fixtures/live/containered-davit.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { drillRemains } from "../../fixtures/live/drill-remains.ts";
import { Containers, engine, uniqueName } from "../../fixtures/live/engine.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

/** Built by scripts/test. */
const image = "davit:test";
const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

/** `davit` in the image, over the same folders at the same paths. */
function words(davit: DavitProgram): string[] {
  return davitInContainer(davit, [davit.root]);
}

it("says what it is", async () => {
  const { Config } = await engine.getImage(image).inspect();
  expect(Config.Labels).toMatchObject({
    "org.opencontainers.image.title": "Davit",
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.version": expect.stringMatching(/^\d+\.\d+\.\d+/u),
  });
  expect(Config.Healthcheck?.Test?.[0]).toBe("CMD");
  expect((await runTool("docker", "run", "--rm", image, "--version")).trim()).toMatch(/^\d+\.\d+\.\d+/u);
});

it("backs up and restores files of any owner and mode, read-only and with few capabilities", async () => {
  const davit = await DavitProgram.in(await scratchFolder());
  const module = uniqueName("module");
  const source = join(davit.root, module);
  await mkdir(join(source, "private"), { recursive: true });
  await writeFile(join(source, "private", "secret"), "of somebody else\n");
  await runTool("cp", "/bin/true", join(source, "program"));
  await runTool("setcap", "cap_net_raw+ep", join(source, "program"));
  await chown(join(source, "private", "secret"), 1234, 5678);
  await chmod(join(source, "private", "secret"), 0o600);
  await chown(join(source, "private"), 1234, 5678);
  await chmod(join(source, "private"), 0o2700);
  await containers.make({ name: module, labels: { "davit.enable": "true" }, binds: [`${source}:/data`] });
  const copy = join(await scratchFolder(), "copy");
  await runTool("cp", "-a", source, copy);

  const inImage = async (...verb: string[]): Promise<string> =>
    runTool("docker", "run", "--rm", ...words(davit), ...verb);
  await inImage("backup", module);
  await writeFile(join(source, "private", "secret"), "ruined");
  await runTool("rm", join(source, "program"));
  expect(await inImage("restore", `${module}@latest`, "--in-place")).toContain("kept in");
  await expectSameTree(source, copy);
  expect(await inImage("verify", "--all")).toContain("sound");
});

it("drills from inside its container, in a scratch folder that the host has by another name", async () => {
  const davit = await DavitProgram.in(await scratchFolder());
  const scratch = await scratchFolder();
  const module = uniqueName("module");
  await mkdir(join(davit.root, module));
  await writeFile(join(davit.root, module, "page"), "hello\n");
  await containers.make({
    name: module,
    labels: { "davit.enable": "true", "davit.drill": "http:80/page" },
    binds: [`${join(davit.root, module)}:/data`],
    command: ["httpd", "-f", "-p", "80", "-h", "/data"],
  });
  const elsewhere = [`--volume=${scratch}:/scratch`, "--env=DAVIT_SCRATCH=/scratch"];
  const inImage = async (...verb: string[]): Promise<string> =>
    runTool("docker", "run", "--rm", ...elsewhere, ...words(davit), ...verb);
  await inImage("backup", module);
  expect(await inImage("drill", `${module}@latest`)).toContain(`${module}: http:80/page answers 200`);
  expect(await drillRemains(davit, module)).toEqual([]);
  expect(await readdir(scratch)).toEqual([]);
});

it("becomes healthy, and ends cleanly when it is stopped", async () => {
  const davit = await DavitProgram.in(await scratchFolder());
  const name = uniqueName("davit");
  const health = ["--health-interval", "1s", "--health-start-period", "1s"];
  const id = (await runTool("docker", "run", "-d", "--name", name, ...health, ...words(davit))).trim();
  containers.adopt(id);
  const state = async () => (await engine.getContainer(id).inspect()).State;
  await expect.poll(async () => (await state()).Health?.Status, { timeout: 60_000 }).toBe("healthy");
  expect(await runTool("docker", "logs", id)).toMatch(/first password for the panel: \S+/u);
  await runTool("docker", "stop", "-t", "30", id);
  expect((await state()).ExitCode).toBe(0);
  expect((await readFile(join(davit.state, "host-id"), "utf8")).trim()).not.toBe("");
});
