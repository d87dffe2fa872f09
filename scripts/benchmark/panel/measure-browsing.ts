import { createHash } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { openBrowser } from "../../../src/browse/open-browser.ts";
import type { IndexPlace } from "../../../src/browse/table-cache.ts";
import { type Figure, timeFigure, timesOf } from "./figure.ts";
import { indexBytes, makeIndex } from "./make-index.ts";

const rounds = 5;
const firstMs = 3000;
const laterMs = 300;
const page = { skip: 0, limit: 200 };
const searches = [
  "holiday",
  "e",
  "img 2016 jpg",
  "*.pdf",
  "*a*b*c*",
  "?*",
  "*1*2*3*",
  "photos*/*final*",
  "/opt/docker",
  "ärzte 12",
  "nothing is called so",
];

/** Looks into two backups with so many entries each, as the panel does. */
export async function measureBrowsing(folder: string, entries: number): Promise<Figure[]> {
  const [now, before] = [
    await makeBackup(join(folder, "now"), entries, 7),
    await makeBackup(join(folder, "before"), entries, 8),
  ];
  const packed = await indexBytes(now.folder);
  const { signal } = new AbortController();
  const browser = openBrowser();
  const resident = process.memoryUsage().rss;
  const search = (text: string) => browser.ask("search", { index: now, text, page }, signal);
  try {
    const [first, firstWork] = await cpuOf(() => timesOf(1, () => search("holiday")));
    const memory = process.memoryUsage().rss - resident;
    const later: Figure[] = [];
    for (const text of searches) {
      const [times, work] = await cpuOf(() => timesOf(rounds, () => search(text)));
      later.push(withCpu(timeFigure(`search for ${JSON.stringify(text)}`, times, laterMs), work / rounds));
    }
    const [unpacked, unpackedWork] = await cpuOf(() => timesOf(1, () => unpack(now)));
    const folderTimes = await timesOf(rounds, () => browser.ask("folder", { index: now, path: "opt", page }, signal));
    const compare = () => browser.ask("compare", { index: now, before, kind: null, page }, signal);
    const firstCompare = await timesOf(1, compare);
    return [
      { what: `index of ${now.manifest.index.entries} entries`, figure: `${Math.round(packed / 1e6)} MB packed` },
      withCpu(timeFigure("reading and hashing the index, by Node's zlib", unpacked), unpackedWork),
      withCpu(timeFigure("first search", first, firstMs), firstWork),
      { what: "more memory after it", figure: `${Math.round(memory / 1e6)} MB` },
      ...later,
      timeFigure("folder", folderTimes, laterMs),
      timeFigure("first comparison, which reads the other index", firstCompare),
      timeFigure("comparison", await timesOf(rounds, compare)),
    ];
  } finally {
    await browser.close();
  }
}

async function makeBackup(folder: string, entries: number, seed: number): Promise<IndexPlace> {
  mkdirSync(folder, { recursive: true });
  return { id: `bench/${seed}`, folder, manifest: await makeIndex(folder, entries, seed) };
}

/** With smaller ones zlib in Node takes twice as long. */
const pieceSize = 256 * 1024;

/** What reading an index can't do without, for comparison. */
async function unpack({ folder, manifest }: IndexPlace): Promise<void> {
  const hash = createHash("sha256");
  const file = createReadStream(join(folder, manifest.index.file), { highWaterMark: pieceSize }).on("data", (bytes) =>
    hash.update(bytes),
  );
  for await (const _ of file.pipe(createGunzip({ chunkSize: pieceSize }))) continue;
  if (hash.digest("hex") !== manifest.index.sha256) throw new Error("the index has another checksum");
}

/** What some work gives, and the processor time that it takes in all threads, in milliseconds. */
async function cpuOf<T>(work: () => Promise<T>): Promise<[result: T, cpu: number]> {
  const began = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(began);
  return [result, (user + system) / 1000];
}

function withCpu(figure: Figure, cpu: number): Figure {
  return { ...figure, figure: `${figure.figure}, ${Math.round(cpu)} ms CPU` };
}
