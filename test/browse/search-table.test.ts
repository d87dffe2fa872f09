import { describe, expect, it } from "vitest";
import type { IndexTable } from "../../src/browse/index-table.ts";
import { loadIndex } from "../../src/browse/load-index.ts";
import { matchGlob } from "../../src/browse/match-glob.ts";
import { searchTable } from "../../src/browse/search-table.ts";
import { searchWords } from "../../src/browse/search-words.ts";
import { fromText, toDisplay } from "../../src/format/byte-path.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import {
  type BackupEntry,
  createDice,
  type Dice,
  makeEntry,
  pick,
  randomEntries,
  writeIndex,
} from "./random-backup.ts";

const all = { skip: 0, limit: 10_000 };

async function loaded(entries: readonly BackupEntry[]): Promise<IndexTable> {
  return loadIndex(await writeIndex(await scratchFolder(), entries));
}

function found(table: IndexTable, text: string, page = all): string[] {
  return searchTable(table, searchWords(text), page).nodes.map((node) => toDisplay(table.path(node)));
}

/** The case does not count, nor how an accent is written. */
function plain(text: string): string {
  return text.toLowerCase().normalize("NFC").replaceAll("ς", "σ");
}

function asExpression(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/gu, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}$`, "su");
}

/** What a search means, word for word and path for path. */
function matches(path: string, text: string): boolean {
  const whole = plain(`/${toDisplay(path)}`);
  return plain(text)
    .split(/\s+/u)
    .filter(Boolean)
    .every((word) => {
      if (!/[*?]/u.test(word)) return whole.includes(word);
      const parts = word.split("/").length;
      return asExpression(word).test(whole.split("/").slice(-parts).join("/")) && whole.split("/").length >= parts;
    });
}

function someWord(dice: Dice, entries: readonly BackupEntry[]): string {
  const path = `/${toDisplay(pick(dice, entries).path)}`;
  const start = dice(path.length);
  const piece = path.slice(start, start + 1 + dice(8)).replace(/\s/gu, "");
  if (dice(3) > 0) return piece;
  const name = path
    .split("/")
    .slice(-1 - dice(2))
    .join("/")
    .replace(/\s/gu, "?");
  const at = dice(name.length);
  return `${name.slice(0, at)}${pick(dice, ["*", "?", "*"])}${name.slice(at + dice(2))}`.toUpperCase();
}

describe("a search", () => {
  it.each(Array.from({ length: 40 }, (_, at) => at + 1))(
    "finds what has every word, and nothing else (seed %i)",
    async (seed) => {
      const dice = createDice(seed);
      const entries = randomEntries(dice, 80);
      const table = await loaded(entries);
      for (let round = 0; round < 25; round += 1) {
        const text = Array.from({ length: 1 + dice(3) }, () => someWord(dice, entries).toWellFormed())
          .join(" ")
          .trim();
        if (text === "") continue;
        const expected = entries.filter(({ path }) => matches(path, text)).map(({ path }) => toDisplay(path));
        expect({ text, found: found(table, text).toSorted() }).toEqual({ text, found: expected.toSorted() });
        expect(searchTable(table, searchWords(text), { skip: 0, limit: 1 }).total).toBe(expected.length);
      }
    },
  );

  it("gives those called so first, then those that begin so, then names, then paths", async () => {
    const dice = createDice(1);
    const folder = makeEntry(dice, "srv/a photo", "directory");
    const paths = ["srv/a photo/x", "srv/photo", "srv/photos", "srv/the photo", "srv/z/photo.jpg"];
    const table = await loaded([folder, ...paths.map((path) => makeEntry(dice, path, "file"))]);
    expect(found(table, "Photo")).toEqual([
      "srv/photo",
      "srv/photos",
      "srv/z/photo.jpg",
      "srv/a photo",
      "srv/the photo",
      "srv/a photo/x",
    ]);
  });

  it("gives pages that join without a gap, over all ranks", async () => {
    const dice = createDice(9);
    const entries = randomEntries(dice, 300);
    const table = await loaded(entries);
    const whole = found(table, "a");
    expect(whole.length).toBeGreaterThan(50);
    const pages = Array.from({ length: Math.ceil(whole.length / 7) + 1 }, (_, at) =>
      found(table, "a", { skip: at * 7, limit: 7 }),
    );
    expect(pages.flat()).toEqual(whole);
  });

  it("finds names whatever the case and however their accents are written", async () => {
    const dice = createDice(1);
    const names = ["srv/Ärger.TXT", "srv/e\u0301te", "srv/ΟΔΟΣ"].map(fromText);
    const table = await loaded(names.map((path) => makeEntry(dice, path, "file")));
    expect([found(table, "ärger.txt"), found(table, "ÉTÉ"), found(table, "\u00e9te"), found(table, "οδοσ")]).toEqual([
      ["srv/Ärger.TXT"],
      [],
      ["srv/e\u0301te"],
      ["srv/ΟΔΟΣ"],
    ]);
  });

  it("does not list directories that the backup only passes through", async () => {
    const table = await loaded([makeEntry(createDice(1), "opt/docker/a", "file")]);
    expect(found(table, "docker")).toEqual(["opt/docker/a"]);
  });

  it("is refused without a word, and with too many", () => {
    expect(() => searchWords(" \t ")).toThrow(expect.objectContaining({ kind: "usage" }));
    expect(() => searchWords("a b c d e f g h i j k")).toThrow(expect.objectContaining({ kind: "usage" }));
  });
});

describe("a glob", () => {
  it("matches as a regular expression of the same meaning does", () => {
    const dice = createDice(5);
    const letters = ["a", "b", "*", "?", "ä", "."];
    for (let round = 0; round < 20_000; round += 1) {
      const word = (): string => Array.from({ length: dice(7) }, () => pick(dice, letters)).join("");
      const [pattern, text] = [word(), word()];
      const bytes = Buffer.from(`<${text}>`);
      const is = matchGlob(Buffer.from(pattern), bytes, 1, bytes.length - 1);
      expect({ pattern, text, is }).toEqual({ pattern, text, is: asExpression(pattern).test(text) });
    }
  });

  it("is quick also where it could be tried in many ways", () => {
    const text = Buffer.from("a".repeat(4000));
    const began = process.cpuUsage();
    expect(matchGlob(Buffer.from(`${"*a".repeat(200)}b*`), text, 0, text.length)).toBe(false);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(500);
  });
});
