import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/flow/machine/host.ts";
import { recoverHost } from "../../src/flow/machine/recover-host.ts";
import { restorePoint } from "../../src/flow/machine/restore-point.ts";
import { finished } from "../fixtures/davit-program.ts";
import { contentOf, makePoints, type MadePoint } from "../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../fixtures/open-test-host.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const program = fileURLToPath(new URL("../fixtures/restore-point-program.ts", import.meta.url));

async function scene(count: number): Promise<{ host: Host; points: MadePoint[]; folder: string }> {
  const folder = await scratchFolder();
  const host = await openTestHost(folder);
  const documents = { "nvram.fd": Buffer.from("variables") };
  const points = await makePoints(host.config.vault, { count, disks: ["vda", "vdb"], bytes: 4 * 1024 ** 2, documents });
  return { host, points, folder };
}

describe("a restore of a point to files", () => {
  it("gives each point of a chain as it was, in disks that stand alone", async () => {
    const { host, points, folder } = await scene(4);
    for (const { id, time, contents } of points) {
      const to = join(folder, "out", time);
      const { files } = await restorePoint(host, id, { ...testRequest(), to });
      expect(files).toEqual(["vda.qcow2", "vdb.qcow2", "domain.xml", "nvram.fd"].map((name) => join(to, name)));
      for (const disk of ["vda", "vdb"]) {
        const file = join(to, `${disk}.qcow2`);
        expect(await contentOf(file)).toBe(contents[disk]);
        expect(await runTool("qemu-img", "info", file)).not.toContain("backing");
        await runTool("qemu-img", "compare", "-q", file, join(host.vault.folder(id), `${disk}.qcow2`));
      }
      expect(await readFile(join(to, "nvram.fd"), "utf8")).toBe("variables");
      expect((await stat(join(to, "domain.xml"))).mode & 0o777).toBe(0o600);
      expect(await readdir(to)).toHaveLength(4);
    }
  });

  it("gives one disk alone where that is wanted", async () => {
    const { host, points, folder } = await scene(2);
    const to = join(folder, "out");
    const request = { ...testRequest(), to, disks: ["vdb"] };
    expect(await restorePoint(host, "vm@latest", request)).toEqual({
      point: points[1]?.id,
      files: [join(to, "vdb.qcow2")],
    });
    expect(await readdir(to)).toEqual(["vdb.qcow2"]);
    await expect(restorePoint(host, "vm@latest", { ...request, disks: ["vdc"] })).rejects.toMatchObject({
      kind: "missing",
      hint: "it has vda, vdb",
    });
  });

  it("never overwrites, and then writes nothing at all", async () => {
    const { host, folder } = await scene(1);
    const to = join(folder, "out");
    await runTool("mkdir", to);
    await writeFile(join(to, "vdb.qcow2"), "mine");
    await expect(restorePoint(host, "vm@latest", { ...testRequest(), to })).rejects.toMatchObject({
      kind: "usage",
      message: `${join(to, "vdb.qcow2")} is there already, and is not overwritten`,
    });
    expect(await readdir(to)).toEqual(["vdb.qcow2"]);
    expect(await readFile(join(to, "vdb.qcow2"), "utf8")).toBe("mine");
  });

  it("refuses a damaged point, unless it is told not to look", async () => {
    const { host, points, folder } = await scene(3);
    const to = join(folder, "out");
    await writeFile(join(points[0]?.folder ?? "", "nvram.fd"), "changed!!");
    await expect(restorePoint(host, "vm@latest", { ...testRequest(), to })).rejects.toMatchObject({ kind: "damaged" });
    await expect(readdir(to)).rejects.toThrow("ENOENT");
    const { files } = await restorePoint(host, "vm@latest", { ...testRequest(), to, verify: false });
    expect(files).toHaveLength(4);
  });

  it("leaves nothing where it fails in the middle, or is cancelled", async () => {
    const { host, points, folder } = await scene(2);
    const to = join(folder, "out");
    // The second disk can't be read.
    await writeFile(join(points[0]?.folder ?? "", "vdb.qcow2"), "no disk");
    await expect(
      restorePoint(host, points[1]?.id ?? "", { ...testRequest(), to, verify: false }),
    ).rejects.toMatchObject({
      message: expect.stringContaining("qemu-img convert"),
    });
    expect(await readdir(to)).toEqual([]);

    const cancel = new AbortController();
    const request = testRequest(cancel.signal);
    const reporter = { ...request.reporter, stage: (name: string) => name === "copy" && cancel.abort() };
    const cancelled = restorePoint(host, points[0]?.id ?? "", {
      ...request,
      reporter: { ...reporter, progress() {}, warning() {}, output() {} },
      to,
      verify: false,
    });
    await expect(cancelled).rejects.toMatchObject({ kind: "cancelled" });
    expect(await readdir(to)).toEqual([]);
  });

  it("leaves nothing half written, wherever it is killed", { timeout: 120_000 }, async () => {
    const { host, points, folder } = await scene(2);
    const id = points.at(-1)?.id ?? "";
    const ends = new Set<string>();
    let ended = false;
    for (let step = 1; !ended; step = Math.ceil(step * 1.5)) {
      const to = join(folder, `out-${step}`);
      const child = spawn(process.execPath, [program, folder, id, to, String(step)]);
      const { code, stderr } = await finished(child);
      ended = code === 0;
      const warnings: string[] = [];
      const left = (await names(to)).filter((name) => name.startsWith("."));
      await recoverHost(host, { warning: (message) => warnings.push(message) });
      const told = warnings.some((one) => one.includes(`a restore of vm to ${to} was cut off`));
      expect({ told: told || left.length === 0, stderr }).toEqual({ told: true, stderr: ended ? "" : stderr });
      expect((await names(to)).filter((name) => name.startsWith("."))).toEqual([]);
      expect(await host.unfinished.list()).toEqual([]);
      ends.add(left.length > 0 ? "half written" : "nothing hidden");
      expect(step).toBeLessThan(200);
    }
    expect(ends.has("half written")).toBe(true);
  });
});

async function names(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}
