import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Host } from "../../../src/flow/machine/host.ts";
import { restoreFiles } from "../../../src/flow/machine/restore-files.ts";
import { applianceKernel } from "../../fixtures/guest/appliance-kernel.ts";
import { makePoints } from "../../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

beforeAll(async () => {
  for (const [name, value] of Object.entries(await applianceKernel())) vi.stubEnv(name, value);
  return () => void vi.unstubAllEnvs();
});

/** A machine with one disk, which is an ext4 as a whole with a few files, and an increment on it that changes nothing. */
async function scene(): Promise<{ host: Host; folder: string }> {
  const folder = await scratchFolder();
  const host = await openTestHost(folder);
  const content = join(folder, "content");
  await mkdir(join(content, "etc"), { recursive: true });
  await writeFile(join(content, "etc/with space"), "saved\n", { mode: 0o640 });
  await writeFile(join(content, "etc/other"), "other\n");
  const raw = join(folder, "disk.raw");
  const disk = join(folder, "disk.qcow2");
  await runTool("truncate", "-s", "16M", raw);
  await runTool("mkfs.ext4", "-q", "-F", "-d", content, raw);
  await runTool("qemu-img", "convert", "-O", "qcow2", raw, disk);
  await makePoints(host.config.vault, { count: 2, from: disk, writes: false });
  return { host, folder };
}

describe("single files of a point", () => {
  it("are copied out of it, read-only, and never in the place of others", async () => {
    const { host, folder } = await scene();
    const chain = join(host.config.vault, "vm/20261101T020000Z");
    const sums = async (): Promise<string> =>
      runTool("sha256sum", join(chain, "20261101T020000Z/vda.qcow2"), join(chain, "20261102T020000Z/vda.qcow2"));
    const before = await sums();
    const to = join(folder, "out");
    const { files } = await restoreFiles(host, "vm@latest", { ...testRequest(), paths: ["/etc/with space"], to });
    expect(files).toEqual([join(to, "with space")]);
    expect(await readFile(join(to, "with space"), "utf8")).toBe("saved\n");
    expect(await readdir(to)).toEqual(["with space"]);
    expect(await sums()).toBe(before);

    await expect(
      restoreFiles(host, "vm@latest", { ...testRequest(), paths: ["/etc/with space"], to }),
    ).rejects.toMatchObject({ kind: "usage", message: expect.stringContaining("is not overwritten") });
  });

  it("that are not there are named, and nothing is left", async () => {
    const { host, folder } = await scene();
    const request = { ...testRequest(), paths: ["/etc/none"], to: join(folder, "out"), fileSystem: "/dev/sda" };
    await expect(restoreFiles(host, "vm@latest", request)).rejects.toMatchObject({
      kind: "missing",
      message: expect.stringContaining("/etc/none"),
    });
    expect(await readdir(join(folder, "out"))).toEqual([]);
  });

  it("are asked for by plain paths alone", async () => {
    const { host, folder } = await scene();
    const to = join(folder, "out");
    for (const path of ["etc/x", "/", "/etc/../x", "-x", ":", "/a\nb", "/etc/"])
      await expect(restoreFiles(host, "vm@latest", { ...testRequest(), paths: [path], to })).rejects.toMatchObject({
        kind: "usage",
      });
    const fileSystem = "/dev/sda1 : rm-rf /";
    await expect(
      restoreFiles(host, "vm@latest", { ...testRequest(), paths: ["/x"], to, fileSystem }),
    ).rejects.toMatchObject({ kind: "usage" });
  });

  it("are not had where guestfish is missing, which says what to do instead", async () => {
    const { host, folder } = await scene();
    const bin = join(folder, "bin");
    await mkdir(bin);
    await runTool("ln", "-s", "/usr/bin/qemu-img", join(bin, "qemu-img"));
    const path = process.env["PATH"];
    vi.stubEnv("PATH", bin);
    try {
      await expect(
        restoreFiles(host, "vm@latest", { ...testRequest(), paths: ["/etc/other"], to: join(folder, "out") }),
      ).rejects.toMatchObject({
        kind: "missing",
        message: "guestfish is not installed",
        hint: expect.stringMatching(/apt install guestfish.*qemu-nbd --read-only/u),
      });
    } finally {
      vi.stubEnv("PATH", path);
    }
  });
});
