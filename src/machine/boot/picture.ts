import { crc32, deflateSync } from "node:zlib";
import { Failure } from "../../failure/failure.ts";

/** What a screen shows: three bytes a point, red, green, blue, line by line. */
export interface Picture {
  width: number;
  height: number;
  pixels: Buffer;
}

/** Reads the PPM (`P6`) that QEMU's `screendump` has written in all of its versions; throws `damaged` for anything else. */
export function parsePpm(bytes: Buffer): Picture {
  const head = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/u.exec(bytes.subarray(0, 64).toString("latin1"));
  const width = Number(head?.[1]);
  const height = Number(head?.[2]);
  const pixels = bytes.subarray(head?.[0].length ?? 0);
  if (head === null || pixels.length !== width * height * 3)
    throw new Failure("damaged", "QEMU's picture of the screen is no whole PPM");
  return { width, height, pixels };
}

/**
 * The picture as a PNG (ISO/IEC 15948: signature, IHDR, IDAT, IEND; eight bits, RGB, no filter). QEMU writes PNG only since
 * 7.1, and only where it was built with it.
 */
export function encodePng({ width, height, pixels }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const stride = width * 3;
  const lines = Buffer.alloc((stride + 1) * height);
  for (let line = 0; line < height; line++)
    pixels.copy(lines, line * (stride + 1) + 1, line * stride, (line + 1) * stride);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(lines)), chunk("IEND")]);
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const chunk = Buffer.alloc(content.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  content.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(content), content.length + 4);
  return chunk;
}

/** The share of points, 0 to 1, in which two pictures differ; 1 where they have different sizes. */
export function difference(one: Picture, other: Picture): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  let different = 0;
  for (let at = 0; at < one.pixels.length; at += 3)
    if (one.pixels.compare(other.pixels, at, at + 3, at, at + 3) !== 0) different++;
  return different / Math.max(1, one.pixels.length / 3);
}

/** Whether all of it has one colour, as a screen that nothing was drawn on yet. */
export function isBlank({ pixels }: Picture): boolean {
  for (let at = 3; at < pixels.length; at++) if (pixels[at] !== pixels[at % 3]) return false;
  return true;
}
