import { open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asFailure, type Failure } from "../../src/failure/failure.ts";
import type { Host } from "../../src/flow/machine/host.ts";
import { verifyPoint } from "../../src/flow/machine/verify-point.ts";
import { makePoints, type MadePoint } from "../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../fixtures/open-test-host.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

interface Scene {
  host: Host;
  points: MadePoint[];
  full: MadePoint;
  middle: MadePoint;
  tip: MadePoint;
}

async function scene(): Promise<Scene> {
  const host = await openTestHost(await scratchFolder());
  const points = await makePoints(host.config.vault, { count: 4, disks: ["vda", "vdb"] });
  const [full, middle, , tip] = points;
  if (full === undefined || middle === undefined || tip === undefined) throw new Error("no points were made");
  return { host, points, full, middle, tip };
}

async function verifyFailure({ host, tip }: Scene): Promise<Failure> {
  return verifyPoint(host, tip.id, testRequest()).then(
    () => expect.fail("the chain was found sound"),
    (error: unknown) => asFailure(error),
  );
}

/** Of the newest evidence of each point of the chain, the oldest first: what it says. */
async function verdicts({ host }: Scene): Promise<(boolean | undefined)[]> {
  return (await host.vault.list("vm")).toReversed().map(({ evidence }) => evidence.at(-1)?.ok);
}

async function flip(file: string, at: number): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
    await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
  } finally {
    await handle.close();
  }
}

/** Writes checksums anew, as somebody would who changes a point on purpose. */
async function reseal({ folder }: MadePoint, file: string): Promise<void> {
  const sum = async (name: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(join(folder, name)))
      .digest("hex");
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  for (const disk of manifest.disks)
    if (disk.file === file)
      Object.assign(disk, { sha256: await sum(file), bytes: (await readFile(join(folder, file))).length });
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  const lines = (await readFile(join(folder, "SHA256SUMS"), "utf8")).split("\n").filter((line) => line !== "");
  const names = lines.map((line) => line.slice(66));
  const written = await Promise.all(names.map(async (name) => `${await sum(name)}  ${name}\n`));
  await writeFile(join(folder, "SHA256SUMS"), written.join(""));
}

describe("verifying a chain", () => {
  it("reads every file of a point and of all that it builds on, and writes down that they are sound", async () => {
    const all = await scene();
    const result = await verifyPoint(all.host, "vm@latest", testRequest());
    expect(result.point).toBe(all.tip.id);
    expect(result.sound).toEqual(all.points.map(({ id }) => id));
    // Two disks, domain.xml and manifest.json of each.
    expect(result.files).toBe(16);
    expect(await verdicts(all)).toEqual([true, true, true, true]);
    expect((await runTool("env", "-C", all.tip.folder, "sha256sum", "-c", "SHA256SUMS")).match(/: OK/gu)).toHaveLength(
      4,
    );
  });

  it("tells a file that was cut off", async () => {
    const all = await scene();
    await truncate(join(all.middle.folder, "vdb.qcow2"), 100_000);
    const { kind, message, hint } = await verifyFailure(all);
    expect(kind).toBe("damaged");
    expect(message).toMatch(/^vm\/\S+\/20261102T020000Z: vdb\.qcow2 is cut off: it has 100000 bytes instead of \d+$/u);
    expect(hint).toContain("another chain");
    // What it builds on is sound; it, and what builds on it, is not.
    expect(await verdicts(all)).toEqual([true, false, false, false]);
  });

  it("tells a single bit that has changed in a disk, which qemu-img check does not see", async () => {
    const all = await scene();
    const file = join(all.full.folder, "vda.qcow2");
    await flip(file, (await readFile(file)).length - 1000);
    await runTool("qemu-img", "check", "-q", file);
    const { kind, message } = await verifyFailure(all);
    expect(kind).toBe("damaged");
    expect(message).toContain("/20261101T020000Z: vda.qcow2 does not match its checksum: its content has changed");
    expect(await verdicts(all)).toEqual([false, false, false, false]);
  });

  it.each(["vda.qcow2", "domain.xml", "SHA256SUMS", "manifest.json"])("tells that %s is missing", async (name) => {
    const all = await scene();
    await rm(join(all.middle.folder, name));
    const { kind, message } = await verifyFailure(all);
    expect(kind).toBe("damaged");
    expect(message).toContain("/20261102T020000Z");
    expect(message).toMatch(new RegExp(`${name} is (missing|not there)`, "u"));
  });

  it("tells that a point in the middle is missing", async () => {
    const all = await scene();
    await rename(all.middle.folder, join(all.host.config.vault, "elsewhere"));
    const { kind, message } = await verifyFailure(all);
    expect(kind).toBe("damaged");
    expect(message).toBe("vm/20261101T020000Z/20261103T020000Z: it builds on 20261102T020000Z, which is missing");
  });

  it("tells a changed manifest and a changed document", async () => {
    const all = await scene();
    await flip(join(all.tip.folder, "domain.xml"), 3);
    expect((await verifyFailure(all)).message).toContain("domain.xml does not match its checksum");
    const manifest = join(all.middle.folder, "manifest.json");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace('"pause"', '"pausE"').replace("pausE", "off"));
    expect((await verifyFailure(all)).message).toContain("20261102T020000Z: manifest.json does not match its checksum");
  });

  it.each([
    ["/etc/shadow", "builds on /etc/shadow instead of ../20261101T020000Z/vda.qcow2"],
    ["../20261101T020000Z/vdb.qcow2", "builds on ../20261101T020000Z/vdb.qcow2 instead of"],
    ["../../../elsewhere.qcow2", "builds on ../../../elsewhere.qcow2 instead of"],
    ["", "builds on nothing instead of ../20261101T020000Z/vda.qcow2"],
  ])("tells a disk that builds on %s, whatever its checksums say", async (backing, words) => {
    const all = await scene();
    await runTool(
      "qemu-img",
      "rebase",
      "-u",
      "-f",
      "qcow2",
      "-b",
      backing,
      "-F",
      "qcow2",
      join(all.middle.folder, "vda.qcow2"),
    );
    await reseal(all.middle, "vda.qcow2");
    const { kind, message } = await verifyFailure(all);
    expect(kind).toBe("damaged");
    expect(message).toContain(words);
  });

  it("tells a disk whose structure is broken, whatever its checksums say", async () => {
    const all = await scene();
    const file = join(all.full.folder, "vda.qcow2");
    // The first entry of the table of reference counts, which the header points to.
    const content = await readFile(file);
    content.writeBigUInt64BE(0n, Number(content.readBigUInt64BE(48)));
    await writeFile(file, content);
    await reseal(all.full, "vda.qcow2");
    expect((await verifyFailure(all)).message).toContain("vda.qcow2 is no sound disk");
  });

  it("writes nothing down where it was cancelled, or gave way", async () => {
    const all = await scene();
    const signal = AbortSignal.abort();
    await expect(verifyPoint(all.host, all.tip.id, testRequest(signal))).rejects.toMatchObject({ kind: "cancelled" });
    expect(await verdicts(all)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("reads no faster than it is told", async () => {
    const all = await scene();
    const { bytes } = await verifyPoint(all.host, all.tip.id, testRequest());
    const before = performance.now();
    await verifyPoint(all.host, all.tip.id, testRequest(), { rate: bytes });
    expect(performance.now() - before).toBeGreaterThan(600);
  });
});
