import { mkdirSync } from "node:fs";
import { join } from "node:path";
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
    const began = process.cpuUsage();
    const first = await timesOf(1, () => search("holiday"));
    const { user, system } = process.cpuUsage(began);
    const memory = process.memoryUsage().rss - resident;
    const later: Figure[] = [];
    for (const text of searches)
      later.push(timeFigure(`search for ${JSON.stringify(text)}`, await timesOf(rounds, () => search(text)), laterMs));
    const folderTimes = await timesOf(rounds, () => browser.ask("folder", { index: now, path: "opt", page }, signal));
    const compare = () => browser.ask("compare", { index: now, before, kind: null, page }, signal);
    const firstCompare = await timesOf(1, compare);
    return [
      { what: `index of ${now.manifest.index.entries} entries`, figure: `${Math.round(packed / 1e6)} MB packed` },
      timeFigure("first search", first, firstMs),
      timeFigure("processor time of it, on two cores", [(user + system) / 1000]),
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
