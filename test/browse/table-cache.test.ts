import { describe, expect, it } from "vitest";
import type { IndexTable } from "../../src/browse/index-table.ts";
import { loadIndex } from "../../src/browse/load-index.ts";
import { type IndexPlace, TableCache } from "../../src/browse/table-cache.ts";
import type { IndexFile } from "../../src/format/read-index.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { createDice, makeEntry, writeIndex } from "./random-backup.ts";

const forever = new AbortController().signal;

async function smallIndex(id: string): Promise<IndexPlace> {
  return { id, ...(await writeIndex(await scratchFolder(), [makeEntry(createDice(1), `srv/${id}`, "file")])) };
}

/** A cache that counts what it loads; each load goes on when it is told to. */
function countingCache(limit: number) {
  const begun: { source: IndexFile; go: () => void }[] = [];
  const cache = new TableCache(limit, async (source): Promise<IndexTable> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    source.signal?.addEventListener("abort", () => reject(source.signal?.reason));
    begun.push({ source, go: resolve });
    await promise;
    return loadIndex(source);
  });
  return { cache, begun };
}

describe("the indexes in memory", () => {
  it("are loaded once for all who ask at the same time, and not again", async () => {
    const { cache, begun } = countingCache(1e9);
    const place = await smallIndex("nas/20261122T020000Z");
    const asked = [cache.get(place, forever), cache.get(place, forever)];
    begun[0]?.go();
    const [one, other] = await Promise.all(asked);
    expect(one).toBe(other);
    expect(await cache.get(place, forever)).toBe(one);
    expect(cache.peek(place)).toBe(one);
    expect(begun).toHaveLength(1);
  });

  it("go on loading while somebody waits, and end when nobody does", async () => {
    const { cache, begun } = countingCache(1e9);
    const place = await smallIndex("nas/20261122T020000Z");
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [cache.get(place, first.signal), cache.get(place, second.signal)];
    first.abort();
    await expect(asked[0]).rejects.toMatchObject({ name: "AbortError" });
    expect(begun[0]?.source.signal?.aborted).toBe(false);
    second.abort();
    await expect(asked[1]).rejects.toMatchObject({ name: "AbortError" });
    expect(begun[0]?.source.signal?.aborted).toBe(true);
    const again = cache.get(place, forever);
    expect(begun).toHaveLength(2);
    begun[1]?.go();
    expect((await again).count).toBe(4);
  });

  it("are not kept where they could not be loaded", async () => {
    const cache = new TableCache(1e9);
    const place = await smallIndex("nas/20261122T020000Z");
    const damaged = { ...place, folder: await scratchFolder() };
    await expect(cache.get(damaged, forever)).rejects.toMatchObject({ kind: "damaged" });
    expect((await cache.get(place, forever)).count).toBe(4);
  });

  it("give way to those used later, once there is no room, and two stay whatever their size", async () => {
    const ids = ["a/20261122T020000Z", "b/20261122T020000Z", "c/20261122T020000Z"];
    const places = await Promise.all(ids.map(smallIndex));
    const [a, b, c] = places;
    if (a === undefined || b === undefined || c === undefined) throw new Error("three were made");
    const { bytes } = await new TableCache(0).get(a, forever);
    const two = new TableCache(bytes * 2.5);
    await two.get(a, forever);
    await two.get(b, forever);
    await two.get(a, forever);
    await two.get(c, forever);
    expect([a, b, c].map((place) => two.peek(place) !== null)).toEqual([true, false, true]);
    const none = new TableCache(1);
    for (const place of [a, b, c]) await none.get(place, forever);
    expect([a, b, c].map((place) => none.peek(place) !== null)).toEqual([false, true, true]);
  });

  it("are told apart by their checksum, so that another backup under the same id is loaded", async () => {
    const cache = new TableCache(1e9);
    const place = await smallIndex("nas/20261122T020000Z");
    await cache.get(place, forever);
    const other = { ...place, manifest: { index: { ...place.manifest.index, sha256: "0".repeat(64) } } };
    expect(cache.peek(other)).toBeNull();
    await expect(cache.get(other, forever)).rejects.toMatchObject({ kind: "damaged" });
  });
});
