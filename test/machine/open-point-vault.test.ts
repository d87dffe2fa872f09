import { mkdir, readdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openPointVault, type PointVault } from "../../src/machine/open-point-vault.ts";
import { makePoints } from "../fixtures/make-points.ts";
import { rejection } from "../fixtures/rejection.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const chain = "20261101T020000Z";
const next = "20261102T020000Z";
const last = "20261103T020000Z";
const now = (): Date => new Date("2026-11-10T00:00:00Z");

async function openVault(): Promise<PointVault> {
  return openPointVault(await scratchFolder(), now);
}

describe("the vault of points", () => {
  it("lists the points of all machines, newest first", async () => {
    const vault = await openVault();
    await makePoints(vault.dir, { machine: "b", count: 2, bytes: 65_536, writes: false });
    await makePoints(vault.dir, { machine: "a", count: 1, bytes: 65_536, writes: false });
    await makePoints(vault.dir, { machine: "a", chain: "20261108T020000Z", count: 1, bytes: 65_536, writes: false });
    await writeFile(join(vault.dir, "RESTORE.txt"), "");
    await mkdir(join(vault.dir, "b", chain, `.${last}.partial`));
    expect((await vault.list()).map(({ id, problem }) => [id, problem])).toEqual([
      ["a/20261108T020000Z/20261108T020000Z", null],
      [`a/${chain}/${chain}`, null],
      [`b/${chain}/${next}`, null],
      [`b/${chain}/${chain}`, null],
    ]);
    expect(await vault.list("nobody")).toEqual([]);
  });

  it("resolves what a person writes, and tells what there is instead", async () => {
    const vault = await openVault();
    await makePoints(vault.dir, { count: 2, bytes: 65_536, writes: false });
    await makePoints(vault.dir, { chain: "20270101T020000Z", count: 1, bytes: 65_536, writes: false });
    const id = `vm/${chain}/${next}`;
    for (const word of ["vm@latest", `vm@${next}`, `vm/${next}`, id]) expect((await vault.resolve(word)).id).toBe(id);
    await expect(vault.resolve(`vm@${last}`)).rejects.toMatchObject({
      kind: "missing",
      hint: expect.stringContaining(id),
    });
    await expect(vault.resolve("vn@latest")).rejects.toMatchObject({
      hint: expect.stringContaining("did you mean vm?"),
    });
    for (const word of ["vm", "vm/latest", "../vm@latest", `vm/${chain}/${next}/x`, "vm@20261301"])
      await expect(vault.resolve(word)).rejects.toMatchObject({ kind: "usage" });
  });

  it.each<[string, (folder: string) => Promise<void>, string]>([
    ["a disk is missing", (folder) => rm(join(folder, "vda.qcow2")), "vda.qcow2 is missing"],
    ["a disk is short", (folder) => truncate(join(folder, "vda.qcow2"), 100), "vda.qcow2 has 100 bytes instead of"],
    ["SHA256SUMS is missing", (folder) => rm(join(folder, "SHA256SUMS")), "SHA256SUMS is missing"],
    ["the manifest is missing", (folder) => rm(join(folder, "manifest.json")), "manifest.json is missing"],
    ["the manifest is torn", (folder) => truncate(join(folder, "manifest.json"), 20), "manifest.json is damaged"],
    ["the folder was renamed", (folder) => rename(folder, join(folder, "../20261101T020001Z")), ", which is missing"],
  ])("says of a point and of all that builds on it that they can't be used where %s", async (_what, harm, problem) => {
    const vault = await openVault();
    const [full] = await makePoints(vault.dir, { count: 3, bytes: 65_536, writes: false });
    await harm(full?.folder ?? "");
    const points = await vault.list("vm");
    expect(points.map((one) => one.problem)).not.toContain(null);
    expect(points.at(0)?.problem).toContain(`it builds on ${next}, which can't be used: it builds on ${chain}`);
    expect(points.map((one) => one.problem).join("\n")).toContain(problem);
    await expect(vault.ancestry(`vm/${chain}/${last}`)).rejects.toMatchObject({ kind: "damaged" });
    await expect(vault.resolve("vm@latest")).rejects.toMatchObject({ kind: "damaged" });
  });

  it("gives a point with all that it builds on", async () => {
    const vault = await openVault();
    await makePoints(vault.dir, { count: 3, bytes: 65_536, writes: false });
    const found = await vault.ancestry(`vm/${chain}/${next}`);
    expect(found.map((one) => one.time)).toEqual([chain, next]);
  });

  it("removes points from the newest on, and the chain with the last", async () => {
    const vault = await openVault();
    await makePoints(vault.dir, { count: 2, bytes: 65_536, writes: false });
    await expect(vault.remove(`vm/${chain}/${chain}`)).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining(`vm/${chain}/${next} builds on it`),
    });
    await vault.remove(`vm/${chain}/${next}`);
    await vault.remove(`vm/${chain}/${chain}`);
    expect(await readdir(join(vault.dir, "vm"))).toEqual([]);
    await expect(vault.remove(`vm/${chain}/${chain}`)).rejects.toMatchObject({ kind: "missing" });
  });

  it("begins a point at the next free time, and later than what it builds on, whatever the clock says", async () => {
    const vault = await openVault();
    await makePoints(vault.dir, { count: 2, bytes: 65_536, writes: false });
    const parent = { chain, time: next };
    const time = new Date("2026-10-01T00:00:00Z");
    const increment = await vault.createPartial({ machine: "vm", time, parent });
    expect(increment).toMatchObject({ chain, time: "20261102T020001Z" });
    expect(increment.folder).toBe(join(vault.dir, "vm", chain, ".20261102T020001Z.partial"));
    const full = await vault.createPartial({ machine: "vm", time: new Date("2026-11-01T02:00:00.700Z"), parent: null });
    expect(full).toMatchObject({ chain: "20261101T020001Z", time: "20261101T020001Z" });
    // QEMU comes through, and sees nothing.
    for (const folder of [full.folder, join(full.folder, ".."), join(full.folder, "../..")])
      expect((await stat(folder)).mode & 0o777).toBe(0o711);
    expect((await vault.partials("vm")).map((one) => one.time).toSorted()).toEqual(
      [full.time, increment.time].toSorted(),
    );
  });

  it("never makes the vault's own folder", async () => {
    const vault = openPointVault(join(await scratchFolder(), "not-mounted"), now);
    const failure = await rejection(vault.createPartial({ machine: "vm", time: now(), parent: null }));
    expect(failure.kind).toBe("storage");
    expect(failure.hint).toContain("mounted");
  });

  it("sweeps what is half there, of machines that nobody owns", async () => {
    const vault = await openVault();
    await makePoints(vault.dir, { count: 1, bytes: 65_536, writes: false });
    for (const machine of ["vm", "other"]) {
      await vault.createPartial({ machine, time: now(), parent: null });
      await mkdir(join(vault.dir, machine, "20261110T000000Z", `.${last}.removing`));
    }
    expect(await vault.sweepPartials((machine) => machine === "vm")).toHaveLength(4);
    expect(await readdir(join(vault.dir, "other"))).toEqual([]);
    expect((await readdir(join(vault.dir, "vm"))).toSorted()).toEqual([chain, "20261110T000000Z"]);
    expect(await readdir(join(vault.dir, "vm/20261110T000000Z"))).toEqual([".20261110T000000Z.partial"]);
    expect(await vault.list()).toMatchObject([{ problem: null }]);
  });

  it("keeps evidence, of which a torn line does not harm the next", async () => {
    const vault = await openVault();
    const [made] = await makePoints(vault.dir, { count: 1, bytes: 65_536, writes: false });
    const record = { kind: "verified", at: now().toISOString(), ok: true, ms: 3 } as const;
    await writeFile(join(made?.folder ?? "", "evidence.ndjson"), '{"kind":"veri');
    await vault.appendEvidence(made?.id ?? "", record);
    expect((await vault.resolve("vm@latest")).evidence).toEqual([record]);
    await expect(vault.appendEvidence(`vm/${chain}/${last}`, record)).rejects.toMatchObject({ kind: "missing" });
  });
});
