import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readMembers } from "../../src/format/read-members.ts";
import { createDice } from "../browse/random-backup.ts";

async function* inChunks(bytes: Buffer, size: () => number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const next = at + size();
    yield bytes.subarray(at, next);
    at = next;
  }
}

/** All plain bytes; each piece is looked at before the next one is asked for, as it must be. */
async function plainOf(packed: Buffer, size = (): number => 100_000): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readMembers(inChunks(packed, size))) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function text(length: number): Buffer {
  return Buffer.from(randomBytes(length / 2 + 1).toString("hex")).subarray(0, length);
}

const mebibyte = 1024 * 1024;

describe("gzip members that stand one after the other", () => {
  it.each(Array.from({ length: 12 }, (_, at) => at + 1))(
    "are all read, whatever their sizes (seed %i)",
    async (seed) => {
      const dice = createDice(seed);
      const sizes = Array.from({ length: 1 + dice(8) }, () => dice([1, 1000, 300_000, 2 * mebibyte][dice(4)] ?? 1));
      const packed = Buffer.concat(
        sizes.map((size) => gzipSync(dice(2) === 0 ? randomBytes(size) : text(size), { level: dice(10) })),
      );
      const size = (): number => 1 + dice(400_000);
      const expected = gunzipSync(packed);
      expect((await plainOf(packed, size)).equals(expected)).toBe(true);
    },
  );

  it("may be larger than what is decompressed at once", async () => {
    const packed = Buffer.concat([gzipSync("a"), gzipSync(text(9 * mebibyte)), gzipSync(randomBytes(5 * mebibyte))]);
    expect((await plainOf(packed)).equals(gunzipSync(packed))).toBe(true);
  });

  it("are read piece by piece: the first comes before all are there", async () => {
    const member = gzipSync(randomBytes(mebibyte));
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        given += 1;
        yield member;
      }
    }
    for await (const piece of readMembers(endless())) {
      expect(piece.length).toBe(mebibyte);
      break;
    }
    expect(given).toBeLessThan(10);
  });

  const good = gzipSync(text(300_000));
  const flipped = Buffer.from(good);
  flipped[good.length >> 1] = (flipped[good.length >> 1] ?? 0) ^ 1;
  const wrongSum = Buffer.from(good);
  wrongSum[good.length - 8] = (wrongSum[good.length - 8] ?? 0) ^ 1;
  it.each([
    ["nothing at all", Buffer.alloc(0)],
    ["a member that is cut", Buffer.concat([good, good.subarray(0, -1)])],
    ["a member with a bit that has changed", Buffer.concat([good, flipped, good])],
    ["a member with a checksum that is wrong", Buffer.concat([good, wrongSum])],
    ["bytes that are no member", Buffer.from("no member")],
  ])("fail where there is %s, as zlib does", async (_, packed) => {
    await expect(plainOf(packed)).rejects.toMatchObject({ code: expect.stringMatching(/^Z_/u) });
  });
});
