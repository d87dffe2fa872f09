import { chmod, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planDiskSwaps, planDiskUndo, removeIncoming, swapBack, swapIn } from "../../src/machine/disk-swaps.ts";
import type { DiskSwap } from "../../src/machine/open-disk-restore-journal.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const now = new Date("2026-11-22T02:00:00Z");

interface Scene {
  folder: string;
  swaps: DiskSwap[];
}

/** Two files that are there and one that is not, each with what comes in. */
async function scene(): Promise<Scene> {
  const folder = await scratchFolder();
  for (const name of ["a", "b"]) await writeFile(join(folder, name), `old ${name}`);
  const swaps = await planDiskSwaps(
    ["a", "b", "c"].map((name) => join(folder, name)),
    now,
  );
  for (const { incoming } of swaps) await writeFile(incoming, `new ${incoming.at(-1)}`);
  return { folder, swaps };
}

async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await readdir(folder)) found[name] = await readFile(join(folder, name), "utf8");
  return found;
}

/** The renames that an exchange consists of, in order. */
function renames(swaps: readonly DiskSwap[]): [string, string][] {
  return swaps.flatMap(({ file, incoming, aside }): [string, string][] => [
    ...(aside === null ? [] : ([[file, aside]] as [string, string][])),
    [incoming, file],
  ]);
}

describe("the exchange of a machine's files", () => {
  it("keeps the old ones, and can be taken back, again and again", async () => {
    const { folder, swaps } = await scene();
    await chmod(join(folder, "a"), 0o640);
    await swapIn(swaps);
    const after = {
      a: "new a",
      b: "new b",
      c: "new c",
      ".before-restore-20261122T020000Z-a": "old a",
      ".before-restore-20261122T020000Z-b": "old b",
    };
    expect(await contents(folder)).toEqual(after);
    expect((await stat(join(folder, "a"))).mode & 0o777).toBe(0o640);

    const entry = { format: 1, module: "vm", backup: "x", at: now.toISOString(), uri: "qemu:///system" } as const;
    const more = { uuid: "a3f0c1de-0000-4000-8000-000000000001", phase: "done", start: false, defined: false } as const;
    const undo = await planDiskUndo({ ...entry, ...more, swaps }, now);
    await swapIn(undo);
    expect(await contents(folder)).toEqual({
      a: "old a",
      b: "old b",
      c: "new c",
      ".undone-20261122T020000Z-a": "new a",
      ".undone-20261122T020000Z-b": "new b",
    });
    await swapIn(await planDiskUndo({ ...entry, ...more, swaps: undo }, now));
    expect((await contents(folder))["a"]).toBe("new a");
  });

  it("is rolled back wherever it was cut off, also where that was cut off", async () => {
    const count = renames((await scene()).swaps).length;
    for (let done = 0; done <= count; done++) {
      for (let undone = 0; undone <= done; undone++) {
        const { folder, swaps } = await scene();
        const steps = renames(swaps);
        for (const [from, to] of steps.slice(0, done)) await rename(from, to);
        for (const [from, to] of steps.slice(0, done).toReversed().slice(0, undone)) await rename(to, from);
        for (let again = 0; again < 2; again++) {
          await swapBack(swaps);
          await removeIncoming(swaps);
          expect(await contents(folder)).toEqual({ a: "old a", b: "old b" });
        }
      }
    }
  });

  it("takes names that are free", async () => {
    const { folder } = await scene();
    const [swap] = await planDiskSwaps([join(folder, "a")], now);
    expect(swap?.incoming).toBe(join(folder, ".davit-restore-20261122T020001Z-a"));
  });

  it("is not taken back where the old file is gone", async () => {
    const { swaps } = await scene();
    const entry = { format: 1, module: "vm", backup: "x", at: now.toISOString(), uri: "qemu:///system" } as const;
    const more = { uuid: "a3f0c1de-0000-4000-8000-000000000001", phase: "done", start: false, defined: false } as const;
    await expect(planDiskUndo({ ...entry, ...more, swaps }, now)).rejects.toMatchObject({ kind: "missing" });
  });
});
