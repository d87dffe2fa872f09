import { expect, it } from "vitest";
import {
  changedShare,
  type Difference,
  type Earlier,
  type Figures,
  findAnomalies,
  leastBytes,
  leastEntries,
  leastFiles,
} from "../../src/compare/find-anomalies.ts";
import type { Compression } from "../../src/contract/settings.ts";

interface Amounts {
  entries?: number;
  bytesIn?: number;
  bytesOut?: number;
  compression?: Compression;
}

function figures({ entries = 100, bytesIn = 0, bytesOut = 0, compression }: Amounts): Figures {
  const counts = { files: entries, directories: 0, symlinks: 0, hardLinks: 0, fifos: 0, bytesIn, bytesOut };
  return {
    archive: {
      file: "nas.tar.gz",
      compression: compression ?? { type: "gzip", level: 6 },
      sha256: "a".repeat(64),
      bytes: bytesOut,
    },
    counts,
    index: { file: "index.ndjson.gz", sha256: "b".repeat(64), entries },
  };
}

function earlier(amounts: Amounts): Earlier {
  return { id: "nas/20261121T020000Z", ...figures(amounts) };
}

function kinds(now: Amounts, before: Amounts, difference: Difference | null = null): string[] {
  return findAnomalies(figures(now), earlier(before), difference).map(({ kind }) => kind);
}

const mebibyte = 1024 * 1024;

it("tells of half the entries being gone, and not of one fewer than that", () => {
  expect(kinds({ entries: 50 }, { entries: 100 })).toEqual(["fewer-entries"]);
  expect(kinds({ entries: 51 }, { entries: 100 })).toEqual([]);
  expect(kinds({ entries: 1 }, { entries: leastEntries })).toEqual(["fewer-entries"]);
  expect(kinds({ entries: 1 }, { entries: leastEntries - 1 })).toEqual([]);
});

it("tells of half the content being gone, and not of a byte less than that", () => {
  expect(kinds({ bytesIn: 5 * mebibyte }, { bytesIn: 10 * mebibyte, bytesOut: 10 * mebibyte })).toEqual([
    "fewer-bytes",
  ]);
  expect(kinds({ bytesIn: 5 * mebibyte + 1 }, { bytesIn: 10 * mebibyte, bytesOut: 10 * mebibyte })).toEqual([]);
  expect(kinds({ bytesIn: 0 }, { bytesIn: leastBytes, bytesOut: leastBytes })).toEqual(["fewer-bytes"]);
  expect(kinds({ bytesIn: 0 }, { bytesIn: leastBytes - 1 })).toEqual([]);
});

it("tells of nearly all files being changed or gone, where there are enough to tell", () => {
  const changed = (files: number, of: number): string[] => kinds({}, {}, { files, changed: of, emptied: [] });
  expect(changed(1000, 1000 * changedShare)).toEqual(["mostly-changed"]);
  expect(changed(1000, 1000 * changedShare - 1)).toEqual([]);
  expect(changed(leastFiles, leastFiles)).toEqual(["mostly-changed"]);
  expect(changed(leastFiles - 1, leastFiles - 1)).toEqual([]);
  const [anomaly] = findAnomalies(figures({}), earlier({}), { files: 1000, changed: 999, emptied: [] });
  expect(anomaly?.message).toBe("99 % of the files of nas/20261121T020000Z have another content or are gone");
});

it("tells of content that was compressible and no longer is", () => {
  const before = { bytesIn: 100 * mebibyte, bytesOut: 30 * mebibyte };
  expect(kinds({ bytesIn: 100 * mebibyte, bytesOut: 100 * mebibyte }, before)).toEqual(["incompressible"]);
  expect(kinds({ bytesIn: 100 * mebibyte, bytesOut: 86 * mebibyte }, before)).toEqual(["incompressible"]);
  expect(kinds({ bytesIn: 100 * mebibyte, bytesOut: 85 * mebibyte }, before)).toEqual([]);
  const zstd: Compression = { type: "zstd", level: 3 };
  expect(kinds({ bytesIn: 90 * mebibyte, bytesOut: 90 * mebibyte, compression: zstd }, before)).toEqual([
    "incompressible",
  ]);
});

it("lets photographs come beside what compresses, and go again", () => {
  const program = { bytesIn: 100 * mebibyte, bytesOut: 30 * mebibyte };
  const withPhotographs = { bytesIn: 5000 * mebibyte, bytesOut: 4930 * mebibyte };
  expect(kinds(withPhotographs, program)).toEqual([]);
  expect(kinds({ bytesIn: 5100 * mebibyte, bytesOut: 5030 * mebibyte }, withPhotographs)).toEqual([]);
  expect(kinds({ bytesIn: 5000 * mebibyte, bytesOut: 5000 * mebibyte }, program)).toEqual(["incompressible"]);
});

it("does not judge what never was compressible, is small, or is not compressed", () => {
  const encrypted = { bytesIn: 100 * mebibyte, bytesOut: 100 * mebibyte };
  expect(kinds(encrypted, { bytesIn: 100 * mebibyte, bytesOut: 76 * mebibyte })).toEqual([]);
  expect(kinds(encrypted, { bytesIn: 100 * mebibyte, bytesOut: 75 * mebibyte })).toEqual(["incompressible"]);
  expect(kinds({ bytesIn: leastBytes - 1, bytesOut: leastBytes }, { bytesIn: leastBytes, bytesOut: 9 })).toEqual([]);
  const none: Compression = { type: "none" };
  const before = { bytesIn: 100 * mebibyte, bytesOut: 30 * mebibyte };
  expect(kinds({ ...encrypted, compression: none }, before)).toEqual([]);
  expect(kinds(encrypted, { ...before, compression: none })).toEqual([]);
});

it("names each source that is empty and was not, and the backup that has its data", () => {
  const difference = { files: 3, changed: 3, emptied: ["/srv/photos", "/srv/mail"] };
  expect(findAnomalies(figures({}), earlier({}), difference)).toEqual([
    { kind: "empty-source", message: "the source /srv/photos is empty, and was not in nas/20261121T020000Z" },
    { kind: "empty-source", message: "the source /srv/mail is empty, and was not in nas/20261121T020000Z" },
  ]);
});
