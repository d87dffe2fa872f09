import { expect, test } from "vitest";
import { demultiplex } from "../../src/docker/demultiplex.ts";

function frame(type: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

async function read(bytes: Buffer, step: number): Promise<Record<string, string>> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  const text: Record<string, string> = { stdout: "", stderr: "" };
  for await (const piece of demultiplex(chunks())) text[piece.stream] += piece.bytes.toString("latin1");
  return text;
}

const frames = Buffer.concat([frame(1, "one"), frame(2, "wrong"), frame(1, ""), frame(1, "\u0000two"), frame(0, "!")]);

test.each([1, 3, 8, 11, 1000])("frames are put together from chunks of %i bytes", async (step) => {
  expect(await read(frames, step)).toEqual({ stdout: "one\u0000two!", stderr: "wrong" });
});

test("a torn frame gives what is there", async () => {
  expect(await read(frames.subarray(0, -3), 5)).toMatchObject({ stdout: "one\u0000two" });
});

test("what is no frame is refused", async () => {
  await expect(read(Buffer.from("plain text of a terminal"), 100)).rejects.toThrow("output of an unknown kind");
});
