import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { allPieces, bigBlockSize, BlockHashes, pieceSize } from "../../src/archive/block-hashes.ts";
import { compareBlocks } from "../../src/archive/compare-blocks.ts";
import { startComparers } from "../../src/archive/start-comparers.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const blocks = 24;

it.each([0, 1, 3])(
  "%i threads beside the reading one tell exactly which pieces of a file have changed, file after file",
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
        hashes.add(first + block, bytes.subarray(block * bigBlockSize, (block + 1) * bigBlockSize));
      const masks = Array.from({ length: blocks }, () => 0);
      const changed = [file % blocks, (file * 7) % blocks, blocks - 1 - file].map(
        (block, number) => block * bigBlockSize + ((file * 100_003 + number * 333_331) % bigBlockSize),
      );
      // The first and the last byte of a piece.
      changed.push(3 * bigBlockSize + 5 * pieceSize, 3 * bigBlockSize + 7 * pieceSize - 1);
      for (const at of new Set(changed)) {
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const block = Math.floor(at / bigBlockSize);
        masks[block] = (masks[block] ?? 0) | (1 << Math.floor((at % bigBlockSize) / pieceSize));
      }
      const path = join(folder, `${file}`);
      writeFileSync(path, bytes);
      return { path, first, masks };
    });
    const shared = hashes.share();
    comparers.know(shared);
    for (let round = 0; round < 3; round += 1) {
      for (const { path, first, masks } of files) {
        const fd = openSync(path, "r");
        const found = compareBlocks(comparers.memory, { fd, first, count: blocks }, shared, buffer, () => undefined);
        closeSync(fd);
        expect([...found]).toEqual(masks);
      }
    }
  },
);

it("a block past the file's end counts as changed", async () => {
  const path = join(await scratchFolder(), "short");
  writeFileSync(path, Buffer.alloc(bigBlockSize + 100));
  const hashes = new BlockHashes();
  for (const block of [0, 1]) hashes.add(block, Buffer.alloc(bigBlockSize));
  const comparers = startComparers(0);
  const fd = openSync(path, "r");
  const masks = compareBlocks(
    comparers.memory,
    { fd, first: 0, count: 2 },
    hashes.share(),
    Buffer.alloc(bigBlockSize),
    () => undefined,
  );
  closeSync(fd);
  expect([...masks]).toEqual([0, allPieces]);
});
