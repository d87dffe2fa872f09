import { statSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DavitProgram } from "../../fixtures/davit-program.ts";
import { expectSameTree } from "../../fixtures/expect-same-tree.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine, stateOf } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { mountLoopFileSystem } from "../../fixtures/live/loop-file-system.ts";
import { startSocketProxy } from "../../fixtures/live/socket-proxy.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";
import { makeTortureTree } from "../../fixtures/torture-tree.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

async function moduleWith(fill: (source: string) => Promise<void>): Promise<LabelledModule> {
  return labelledModule(containers, fill);
}

async function plainFiles(source: string): Promise<void> {
  await mkdir(join(source, "photos"));
  await writeFile(join(source, "one"), "first\n");
  await writeFile(join(source, "photos", "two"), "second\n");
}

describe("a backup of a container's folder", { timeout: 600_000 }, () => {
  it("comes back identical with everything in it, and passes its verification", async () => {
    const { davit, module, source } = await moduleWith(makeTortureTree);
    await davit.json("backup", module);
    const target = join(await scratchFolder(), "target");
    await davit.json("restore", `${module}@latest`, "--to", target);
    await expectSameTree(join(target, source), source);
    expect(statSync(join(target, source, "sparse")).blocks).toBeLessThan(2048);
    expect(await davit.json("verify", `${module}@latest`)).toEqual([expect.objectContaining({ ok: true })]);
    const [folder = ""] = await backupFolders(davit, module);
    await runTool("sh", "-c", 'cd "$1" && sha256sum --quiet -c SHA256SUMS', "sh", folder);
  });

  it("comes back in place, with the container stopped meanwhile and the old data kept, and can be undone", async () => {
    const { davit, module, id, source } = await moduleWith(plainFiles);
    await davit.json("backup", module);
    const copy = join(await scratchFolder(), "copy");
    await runTool("cp", "-a", source, copy);
    await writeFile(join(source, "one"), "ruined\n");
    await rm(join(source, "photos"), { recursive: true });
    const started = await startedAt(id);

    const result = await davit.run("restore", `${module}@latest`, "--in-place");
    expect(result).toMatchObject({ code: 0, stderr: "" });
    await expectSameTree(source, copy);
    expect(await startedAt(id)).not.toBe(started);
    expect(await stateOf(id)).toBe("running");
    expect(await inside(id, "cat", "/data/one")).toContain("first");
    const [aside = ""] = await leftovers(davit.root);
    expect(aside).toMatch(/^\.before-restore-\d{8}T\d{6}Z-/u);
    expect(result.stdout).toContain(join(davit.root, aside));
    expect(await readFile(join(davit.root, aside, "one"), "utf8")).toBe("ruined\n");

    await davit.json("restore", "--undo", module);
    expect(await readFile(join(source, "one"), "utf8")).toBe("ruined\n");
    expect(await inside(id, "cat", "/data/one")).toContain("ruined");
    expect(await leftovers(davit.root)).toEqual([expect.stringMatching(/^\.undone-/u)]);

    await davit.json("restore", "--undo", module);
    await expectSameTree(source, copy);
    expect(await stateOf(id)).toBe("running");
  });

  it("comes back in place where the folder is gone, and a stopped container stays stopped", async () => {
    const { davit, module, id, source } = await moduleWith(plainFiles);
    await davit.json("backup", module);
    await engine.getContainer(id).stop();
    await rm(source, { recursive: true });
    await davit.json("restore", `${module}@latest`, "--in-place");
    expect(await readFile(join(source, "photos", "two"), "utf8")).toBe("second\n");
    expect(await stateOf(id)).toBe("exited");
    expect(await leftovers(davit.root)).toEqual([]);
  });

  it("gives back single files and folders, in place without a stop", async () => {
    const { davit, module, id, source } = await moduleWith(plainFiles);
    await davit.json("backup", module);
    await writeFile(join(source, "one"), "ruined\n");
    await rm(join(source, "photos"), { recursive: true });
    const started = await startedAt(id);
    await davit.json("restore", `${module}@latest`, join(source, "photos/two"), "--in-place");
    expect(await readFile(join(source, "photos", "two"), "utf8")).toBe("second\n");
    expect(await readFile(join(source, "one"), "utf8")).toBe("ruined\n");
    expect(await startedAt(id)).toBe(started);

    const target = join(await scratchFolder(), "target");
    await davit.json("restore", `${module}@latest`, join(source, "one"), "--to", target);
    expect(await runTool("find", target, "-type", "f", "-printf", "%P\n")).toBe(`${join(source, "one").slice(1)}\n`);
  });

  it("is only looked at by --dry-run", async () => {
    const { davit, module, id, source } = await moduleWith(plainFiles);
    await davit.json("backup", module);
    await rm(join(source, "one"));
    const started = await startedAt(id);
    const words = ["restore", `${module}@latest`, "--in-place", "--dry-run"];
    expect(await davit.json(...words)).toMatchObject({
      target: null,
      entries: 4,
      created: 1,
      replaced: 3,
      stops: [module],
      keptAside: [source],
    });
    const { stdout } = await davit.run(...words);
    expect(stdout).toContain(`stops meanwhile: ${module}`);
    expect(stdout).toContain("nothing was changed");
    expect(await readdir(source)).toEqual(["photos"]);
    expect(await startedAt(id)).toBe(started);
  });
});

it("all of it works through a socket proxy that lets through what the documents name", async () => {
  const { davit, module, id, source } = await moduleWith(plainFiles);
  const proxy = await startSocketProxy();
  davit.environment["DOCKER_HOST"] = proxy.dockerHost;
  await davit.json("backup", module);
  await rm(join(source, "one"));
  await davit.json("restore", `${module}@latest`, "--in-place");
  expect(await readFile(join(source, "one"), "utf8")).toBe("first\n");
  expect(await stateOf(id)).toBe("running");
  expect((await davit.run("doctor")).stdout).toContain(proxy.dockerHost);
  expect(proxy.refused).toEqual([]);
});

describe("a restore in place", { timeout: 600_000 }, () => {
  it("is refused for a file behind a link, and nothing outside the source changes", async () => {
    const { davit, module, source } = await moduleWith(plainFiles);
    await davit.json("backup", module);
    const outside = await scratchFolder();
    await writeFile(join(outside, "two"), "not the module's\n");
    await rm(join(source, "photos"), { recursive: true });
    await symlink(outside, join(source, "photos"));
    const { code, stderr } = await davit.run("restore", `${module}@latest`, join(source, "photos/two"), "--in-place");
    expect(code).toBe(9);
    expect(stderr).toContain("lies behind a link");
    expect(await readFile(join(outside, "two"), "utf8")).toBe("not the module's\n");
    expect(await readdir(outside)).toEqual(["two"]);
  });

  it("is refused where the data does not lie below a root", async () => {
    const { davit, module } = await moduleWith(plainFiles);
    await davit.json("backup", module);
    await containers.removeAll();
    davit.environment["DAVIT_ROOTS"] = "/nowhere";
    const { code, stderr } = await davit.run("restore", `${module}@latest`, "--in-place");
    expect(code).toBe(9);
    expect(stderr).toContain("lies below no root");
    expect(stderr).toContain("hint: create the module's containers first");
  });

  it("of a source that is a mount point is refused before anything stops", async () => {
    const { davit, module, id, source } = await moduleWith(async (folder) => {
      await mountLoopFileSystem(folder, 8);
      await plainFiles(folder);
    });
    await davit.json("backup", module);
    const started = await startedAt(id);
    const { code, stderr } = await davit.run("restore", `${module}@latest`, "--in-place");
    expect(code).toBe(7);
    expect(stderr).toContain(`${source} can't be exchanged: it is a mount point`);
    expect(await startedAt(id)).toBe(started);
    expect(await leftovers(davit.root)).toEqual([]);
    await davit.json("restore", `${module}@latest`, join(source, "one"), "--in-place");
    await containers.removeAll();
  });

  it("of a damaged backup leaves the data and the container as they were", async () => {
    const { davit, module, id, source } = await moduleWith(async (folder) => {
      await runTool("dd", "if=/dev/urandom", `of=${join(folder, "big")}`, "bs=1M", "count=8", "status=none");
    });
    await davit.json("backup", module);
    const [folder = ""] = await backupFolders(davit, module);
    const archive = join(folder, `${module}.tar.gz`);
    const bytes = await readFile(archive);
    bytes.fill(0x55, bytes.length - 3_000_000, bytes.length - 2_999_000);
    await writeFile(archive, bytes);
    const started = await startedAt(id);
    const { code, stderr } = await davit.run("restore", `${module}@latest`, "--in-place");
    expect(code).toBe(8);
    expect(stderr).toContain("hint: restore from another backup");
    expect(await leftovers(davit.root)).toEqual([]);
    expect(await readdir(source)).toEqual(["big"]);
    expect(await startedAt(id)).toBe(started);
    expect((await davit.run("verify", `${module}@latest`)).code).toBe(8);
    expect(JSON.stringify(await davit.json("list"))).toContain('"ok":false');
  });

  it("that was never done can't be undone, and says so", async () => {
    const { davit, module } = await moduleWith(plainFiles);
    const { code, stderr } = await davit.run("restore", "--undo", module);
    expect(code).toBe(4);
    expect(stderr).toContain("no restore in place");
  });

  it("whose old data was removed can't be undone, and leaves what is there", async () => {
    const { davit, module, source } = await moduleWith(plainFiles);
    await davit.json("backup", module);
    await davit.json("restore", `${module}@latest`, "--in-place");
    const [aside = ""] = await leftovers(davit.root);
    await rm(join(davit.root, aside), { recursive: true });
    const { code, stderr } = await davit.run("restore", "--undo", module);
    expect(code).toBe(4);
    expect(stderr).toContain(aside);
    expect(await readFile(join(source, "one"), "utf8")).toBe("first\n");
  });
});

async function backupFolders(davit: DavitProgram, module: string): Promise<string[]> {
  return (await readdir(join(davit.vault, module))).map((name) => join(davit.vault, module, name));
}

async function leftovers(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith("."));
}

async function startedAt(id: string): Promise<string> {
  return (await engine.getContainer(id).inspect()).State.StartedAt;
}

async function inside(id: string, ...command: string[]): Promise<string> {
  return runTool("docker", "exec", id, ...command);
}
