import { hash, randomBytes } from "node:crypto";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { BlockHashes } from "../../src/archive/block-hashes.ts";
import { bigBlockSize } from "../../src/archive/block-writer.ts";
import { compareBlocks } from "../../src/archive/compare-blocks.ts";
import { startComparers } from "../../src/archive/start-comparers.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const blocks = 24;

it.each([0, 1, 3])(
  "%i threads beside the reading one tell exactly which blocks of a file have changed, file after file",
  async (count) => {
    const folder = await scratchFolder();
    const hashes = new BlockHashes();
    const buffer = Buffer.alloc(bigBlockSize);
    const comparers = startComparers(count);
    onTestFinished(async () => comparers.stop());
    const files = Array.from({ length: 12 }, (_, file) => {
      const bytes = randomBytes(blocks * bigBlockSize);
      const first = 5 + file * blocks;
      for (let block = 0; block < blocks; block += 1)
        hashes.set(
          first + block,
          hash("sha256", bytes.subarray(block * bigBlockSize, (block + 1) * bigBlockSize), "buffer"),
        );
      const changed = new Set([file % blocks, (file * 7) % blocks, blocks - 1 - file]);
      for (const block of changed) {
        const at = block * bigBlockSize + ((file * 1009) % bigBlockSize);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
      }
      const path = join(folder, `${file}`);
      writeFileSync(path, bytes);
      return { path, first, changed };
    });
    const shared = hashes.share();
    comparers.know(shared);
    for (let round = 0; round < 3; round += 1) {
      for (const { path, first, changed } of files) {
        const fd = openSync(path, "r");
        const same = compareBlocks(comparers.memory, { fd, first, count: blocks }, shared, buffer, () => undefined);
        closeSync(fd);
        expect([...same]).toEqual(Array.from({ length: blocks }, (_, block) => (changed.has(block) ? 0 : 1)));
      }
    }
  },
);

it("a block past the file's end counts as changed", async () => {
  const path = join(await scratchFolder(), "short");
  writeFileSync(path, Buffer.alloc(bigBlockSize + 100));
  const hashes = new BlockHashes();
  for (const block of [0, 1]) hashes.set(block, hash("sha256", Buffer.alloc(bigBlockSize), "buffer"));
  const comparers = startComparers(0);
  const fd = openSync(path, "r");
  const same = compareBlocks(
    comparers.memory,
    { fd, first: 0, count: 2 },
    hashes.share(),
    Buffer.alloc(bigBlockSize),
    () => undefined,
  );
  closeSync(fd);
  expect([...same]).toEqual([1, 0]);
});
