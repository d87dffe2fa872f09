import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { encodePng, isBlank, parsePpm } from "../../../src/machine/boot/picture.ts";
import { firstScreen, textOfScreen } from "../../../src/machine/boot/screen-text.ts";

const pixels = Buffer.from(Array.from({ length: 3 * 2 * 3 }, (_, index) => index * 9));
const ppm = Buffer.concat([Buffer.from("P6\n3 2\n255\n"), pixels]);

describe("the picture of a screen", () => {
  it("is read from what QEMU writes", () => {
    expect(parsePpm(ppm)).toEqual({ width: 3, height: 2, pixels });
    expect(isBlank(parsePpm(ppm))).toBe(false);
    expect(isBlank({ width: 3, height: 2, pixels: Buffer.alloc(18, 7) })).toBe(true);
  });

  it.each([
    ppm.subarray(0, -1),
    Buffer.concat([ppm, Buffer.from("x")]),
    Buffer.from("P5\n3 2\n255\n"),
    Buffer.alloc(0),
  ])("is refused where it is not whole (%#)", (bytes) => {
    expect(() => parsePpm(bytes)).toThrow("no whole PPM");
  });

  it("is written as a PNG with the chunks, sums and lines that one has", () => {
    const png = encodePng({ width: 3, height: 2, pixels });
    expect(png.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
    // The chunk of a 1x1 picture's end is the same in every PNG, its sum included (ISO/IEC 15948, 11.2.5).
    expect(png.subarray(-12).toString("hex")).toBe("0000000049454e44ae426082");
    expect(
      png
        .subarray(8, 8 + 25)
        .toString("hex")
        .slice(0, 42),
    ).toBe("0000000d49484452000000030000000208020000" + "00");
    const length = png.readUInt32BE(33);
    expect(png.subarray(37, 41).toString()).toBe("IDAT");
    const lines = inflateSync(png.subarray(41, 41 + length));
    expect(lines).toEqual(
      Buffer.concat([Buffer.from([0]), pixels.subarray(0, 9), Buffer.from([0]), pixels.subarray(9)]),
    );
  });
});

describe("the text of a screen", () => {
  it("is every other byte, line by line", () => {
    const memory = Buffer.alloc(4000, Buffer.from([0x20, 0x07]));
    for (const [index, letter] of "No bootable device.".split("").entries())
      memory[160 * 2 + index * 2] = letter.charCodeAt(0);
    memory[160 * 3] = 0xdb;
    const text = textOfScreen(memory);
    expect(text.split("\n")).toHaveLength(25);
    expect(text.trim()).toBe("No bootable device.");
    expect(firstScreen(`${text}\nbelow`)).toBe(text);
  });
});
