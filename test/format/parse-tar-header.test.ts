import { Readable } from "node:stream";
import { TarArchive } from "archiver";
import { expect, it, vi } from "vitest";
import { appendEntry } from "../../src/archive/append-entry.ts";
import { parseTarHeader } from "../../src/format/parse-tar-header.ts";

it("reads the size of a file of more than 8 GiB as it is written", async () => {
  const size = 9 * 2 ** 30;
  const archive = new TarArchive({});
  const content = new Readable({ read: () => undefined });
  const mtime = "1700000000.000000001";
  appendEntry(archive, { path: "opt/big", type: "file", size, mode: 0o640, uid: 1, gid: 2, mtime }, content);
  content.push(Buffer.alloc(512));
  const written: Buffer[] = [];
  archive.on("data", (chunk: Buffer) => written.push(chunk));
  // A pax header, its records, and the header of the file.
  await vi.waitUntil(() => Buffer.concat(written).length >= 3 * 512);
  archive.abort();
  expect(parseTarHeader(Buffer.concat(written).subarray(1024, 1536))).toMatchObject({
    size,
    mode: 0o640,
    uid: 1,
    gid: 2,
    type: "0",
  });
});

it("refuses a size that no file can have", () => {
  const header = Buffer.alloc(512);
  header.write("ustar\0" + "00", 257);
  header.write("0", 156);
  header.fill(0xff, 125, 136);
  header[124] = 0x80;
  header.write("        ", 148);
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8)}\0`, 148);
  expect(() => parseTarHeader(header)).toThrow("a number that can't be read");
});
