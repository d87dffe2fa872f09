import { spawn } from "node:child_process";
import { readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/flow/machine/host.ts";
import { previewMachinePrune, pruneMachine } from "../../src/flow/machine/prune-machine.ts";
import { recoverHost } from "../../src/flow/machine/recover-host.ts";
import { rollUpFolders } from "../../src/machine/open-roll-up-journal.ts";
import { finished } from "../fixtures/davit-program.ts";
import { contentOf, makePoints, type MadePoint } from "../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../fixtures/open-test-host.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const chain = "20261101T020000Z";
const cut = "20261103T020000Z";

interface Scene {
  folder: string;
  host: Host;
  points: MadePoint[];
}

/** A chain of a full and four increments, of which two are to be kept. */
async function scene(disks: readonly string[] = ["vda", "vdb"]): Promise<Scene> {
  const folder = await scratchFolder();
  const host = await openTestHost(folder, { vm: { rollUp: 2 } });
  return {
    folder,
    host,
    points: await makePoints(host.config.vault, { count: 5, disks, bytes: 4 * 1024 ** 2 }),
  };
}

/** The times of the points that are there; each has to be whole, and to hold what it held. */
async function expectWhole({ host, points }: Scene): Promise<string[]> {
  const listed = (await host.vault.list("vm")).toReversed();
  for (const { id, problem } of listed) {
    expect(problem).toBeNull();
    const made = points.find((one) => one.id === id);
    for (const [disk, content] of Object.entries(made?.contents ?? {}))
      expect(await contentOf(join(host.vault.folder(id), `${disk}.qcow2`))).toBe(content);
  }
  return listed.map(({ time }) => time);
}

const times = (points: readonly MadePoint[]): string[] => points.map(({ time }) => time);

async function prune(folder: string, step: number): Promise<"killed" | "ended"> {
  const program = fileURLToPath(new URL("../fixtures/roll-up-program.ts", import.meta.url));
  const child = spawn(process.execPath, [program, folder, String(step)], { stdio: ["ignore", "pipe", "pipe"] });
  const { code, stderr } = await finished(child);
  if (code !== null && code !== 0) throw new Error(stderr);
  return code === null ? "killed" : "ended";
}

describe("a roll-up", () => {
  it("makes a full of the point at the cut, and touches nothing that builds on it", async () => {
    const all = await scene();
    const { host, points } = all;
    await host.vault.appendEvidence(points[2]?.id ?? "", {
      kind: "drilled",
      at: "2026-11-03T05:00:00Z",
      ok: true,
      ms: 9,
    });
    await writeFile(join(points[2]?.folder ?? "", "drill-20261103T050000Z.png"), "picture");
    expect((await previewMachinePrune(host, "vm")).rolledUp).toEqual([
      { point: points[2]?.id, replaced: points.slice(0, 2).map(({ id }) => id) },
    ]);
    expect(await expectWhole(all)).toEqual(times(points));

    const request = testRequest();
    const { decisions, rolledUp } = await pruneMachine(host, "vm", request);
    expect(decisions.every(({ keep }) => keep)).toBe(true);
    expect(rolledUp).toHaveLength(1);
    expect(request.warnings).toEqual([]);
    expect(await expectWhole(all)).toEqual(times(points.slice(2)));

    const first = (await host.vault.list("vm")).at(-1);
    expect(first).toMatchObject({ time: cut, chain, screenshot: true });
    expect(first?.manifest).toMatchObject({ type: "synthetic", parent: null, checkpoint: `davit-${cut}` });
    expect(first?.manifest?.disks).toMatchObject([
      { type: "full", backing: null },
      { type: "full", backing: null },
    ]);
    // Verified as it is now; what was drilled is the same content.
    expect(first?.evidence).toMatchObject([
      { kind: "drilled", ms: 9 },
      { kind: "verified", ok: true },
    ]);
    expect(await readdir(join(host.config.vault, "vm", chain))).toEqual(times(points.slice(2)));
    expect(await host.rollUps.list()).toEqual([]);
    // There is nothing more to do.
    expect((await pruneMachine(host, "vm", testRequest())).rolledUp).toEqual([]);
  });

  it("loses no point wherever it is killed, and is done by the next run", async () => {
    let ended = false;
    const remains = new Set<string>();
    for (let step = 1; !ended; step++) {
      const all = await scene(["vda"]);
      ended = (await prune(all.folder, step)) === "ended";
      const host = await openTestHost(all.folder, { vm: { rollUp: 2 } });
      await recoverHost(host, { warning: () => undefined });
      const there = await expectWhole({ ...all, host });
      remains.add(there.length === 5 ? "all" : "rolled up");
      // Nothing between: what was replaced has gone, or nothing has.
      expect([times(all.points), times(all.points.slice(2))]).toContainEqual(there);
      expect(await readdir(join(host.config.vault, "vm", chain))).toEqual(there);
      await pruneMachine(host, "vm", testRequest());
      expect(await expectWhole({ ...all, host })).toEqual(times(all.points.slice(2)));
      expect(step).toBeLessThan(60);
    }
    expect([...remains].toSorted()).toEqual(["all", "rolled up"]);
  }, 240_000);

  it.each([
    ["before the first name was changed", []],
    ["between the two names", [["point", "old"]]],
    [
      "after both",
      [
        ["point", "old"],
        ["made", "point"],
      ],
    ],
    [
      "while it was put back",
      [
        ["point", "old"],
        ["made", "point"],
        ["point", "made"],
      ],
    ],
  ] as const)("is put back where it was cut off %s", async (_, moves) => {
    const all = await scene();
    const { host, points } = all;
    const folders = rollUpFolders(join(host.config.vault, "vm", chain), cut);
    // A full that differs: it must not be what is left.
    const [other] = await makePoints(join(all.folder, "other"), { count: 1, disks: ["vda", "vdb"] });
    await rename(other?.folder ?? "", folders.made);
    for (const [from, to] of moves) await rename(folders[from], folders[to]);
    const entry = { format: 1 as const, module: "vm", chain, cut, replaced: times(points.slice(0, 2)) };
    await host.rollUps.write({ ...entry, phase: "exchange" });
    const warnings: string[] = [];
    await recoverHost(host, { warning: (message) => warnings.push(message) });
    expect(warnings.join()).toContain("a roll-up of vm was cut off and was undone");
    expect(await expectWhole(all)).toEqual(times(points));
    expect(await readdir(join(host.config.vault, "vm", chain))).toEqual(times(points));
  });

  it("does not make a full of what is damaged", async () => {
    const all = await scene();
    const file = join(all.points[1]?.folder ?? "", "vda.qcow2");
    await writeFile(file, "x", { flag: "r+" });
    const request = testRequest();
    const { rolledUp } = await pruneMachine(all.host, "vm", request);
    expect(rolledUp).toEqual([]);
    expect(request.warnings.join()).toMatch(
      /could not be made a full of its own: \S+20261102T020000Z: vda.qcow2 does not match/u,
    );
    expect(await readdir(join(all.host.config.vault, "vm", chain))).toEqual(times(all.points));
  });
});
