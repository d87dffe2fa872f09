import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pruneCopies } from "../../src/link/agent/prune-copies.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const host = "3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10";
const now = new Date("2026-11-30T12:00:00Z");
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);

/** Copies of `nas`, each dated as it likes, that arrived so many days ago; null for one without evidence. */
async function copies(arrived: Record<string, number | null>): Promise<{ root: string; folder: string }> {
  const root = await scratchFolder();
  const folder = join(root, host, "nas");
  for (const [time, days] of Object.entries(arrived)) {
    await mkdir(join(folder, time), { recursive: true });
    await writeFile(join(folder, time, "nas.tar.gz"), "data");
    if (days === null) continue;
    const evidence = { kind: "copied", at: daysAgo(days).toISOString(), ok: true, ms: 1 };
    await writeFile(join(folder, time, "evidence.ndjson"), `${JSON.stringify(evidence)}\n`);
  }
  return { root, folder };
}

it("what arrived longer ago than that goes, but for the one that came last", async () => {
  const { root, folder } = await copies({ "20260101T000000Z": 40, "20260102T000000Z": 20, "20260103T000000Z": 5 });
  expect(await pruneCopies(root, 30, now)).toEqual([join(folder, "20260101T000000Z")]);
  expect(await readdir(folder)).toEqual(["20260102T000000Z", "20260103T000000Z"]);
  expect(await pruneCopies(root, 1, now)).toHaveLength(1);
  expect(await pruneCopies(root, 1, now)).toEqual([]);
  expect(await readdir(folder)).toEqual(["20260103T000000Z"]);
});

it("nothing goes unless that is wanted, nor what has no evidence, nor what belongs to nobody", async () => {
  const { root, folder } = await copies({ "20260101T000000Z": 400, "20260102T000000Z": null, "20260103T000000Z": 1 });
  await mkdir(join(root, "lost+found", "nas", "20260101T000000Z"), { recursive: true });
  await mkdir(join(folder, "my-own-folder"));
  expect(await pruneCopies(root, 0, now)).toEqual([]);
  expect(await pruneCopies(root, 30, now)).toEqual([join(folder, "20260101T000000Z")]);
  expect((await readdir(folder)).toSorted()).toEqual(["20260102T000000Z", "20260103T000000Z", "my-own-folder"]);
});

it("a machine that was taken over can't make it remove anything, however many it sends and however it dates them", async () => {
  const good = { "20261101T000000Z": 29, "20261115T000000Z": 15 };
  const sent = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`202612${10 + (at % 20)}T0000${10 + at}Z`, 0]),
  );
  const { root, folder } = await copies({ ...good, ...sent });
  expect(await pruneCopies(root, 30, now)).toEqual([]);
  expect(await readdir(folder)).toHaveLength(52);
});

it("what was begun and left goes after a week, what was being removed at once", async () => {
  const { root, folder } = await copies({});
  const [old, fresh, removing] = [
    ".20261101T000000Z.partial",
    ".20261102T000000Z.partial",
    ".20261103T000000Z.removing",
  ];
  for (const [name, days] of [
    [old, 8],
    [fresh, 6],
    [removing, 0],
  ] as const) {
    await mkdir(join(folder, name), { recursive: true });
    const file = join(folder, name, "nas.tar.gz");
    await writeFile(file, "half");
    for (const one of [file, join(folder, name)]) await utimes(one, daysAgo(days), daysAgo(days));
  }
  expect((await pruneCopies(root, 0, now)).toSorted()).toEqual([join(folder, old), join(folder, removing)].toSorted());
  expect(await readdir(folder)).toEqual([fresh]);
});
