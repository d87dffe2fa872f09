import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BlockTable } from "../../../src/archive/block-table.ts";
import { createIndexWriter, type IndexWriter } from "../../../src/archive/index-writer.ts";
import { indexLine } from "../../../src/archive/index-line.ts";
import type { Manifest } from "../../../src/contract/manifest.ts";
import { indexFile } from "../../../src/format/file-names.ts";
import { createDice, type Dice } from "../content.ts";

const root = "opt/docker/volumes/nextcloud/data";
const kinds = ["jpg", "jpg", "jpg", "mp4", "pdf", "docx", "txt", "md", "xlsx", "zip"];
const topics = ["Holiday", "Invoice", "Garden", "School", "Ärzte", "Taxes", "Kitchen", "Bicycle", "Music", "Letters"];
const filesInFolder = 120;

/**
 * Writes the index of a module with so many entries, as that of a Nextcloud looks, and gives what a manifest says of it. One
 * of a thousand files has another content for each `seed`, and one of a thousand is not there.
 */
export async function makeIndex(folder: string, entries: number, seed: number): Promise<Pick<Manifest, "index">> {
  const blocks = new BlockTable();
  const writer = createIndexWriter(join(folder, indexFile), blocks);
  const index: Target = { blocks, writer, lines: 0 };
  const dice = createDice(1);
  const other = createDice(seed);
  const folders = Math.ceil(entries / (filesInFolder + 1));
  for (let number = 0; number < folders; number += 1) {
    const path = folderPath(number);
    addLine(index, path, "directory", contentOf(dice));
    for (let file = 0; file < filesInFolder && index.lines < entries; file += 1) {
      const name = fileName(dice, file);
      const content = contentOf(dice);
      const fate = other(1000);
      if (fate > 0) addLine(index, `${path}/${name}`, "file", fate === 1 ? contentOf(other) : content);
    }
    if (writer.isFull()) await writer.flush();
  }
  return { index: { file: indexFile, ...(await writer.end()) } };
}

/** How large an index is on disk. */
export async function indexBytes(folder: string): Promise<number> {
  return (await stat(join(folder, indexFile))).size;
}

function folderPath(number: number): string {
  const text = String(number).padStart(6, "0");
  return `${root}/user-${text.slice(0, 3)}/files/Photos and papers/${text.slice(3)} ${topics[number % topics.length]}`;
}

function fileName(dice: Dice, number: number): string {
  const topic = topics[dice(topics.length)] ?? "";
  const kind = kinds[dice(kinds.length)] ?? "txt";
  const stem = kind === "jpg" ? `IMG_${20_150_101 + dice(99_999)}_${dice(999_999)}` : `${topic} ${dice(9999)} final`;
  return `${String(number).padStart(4, "0")} ${stem}.${kind}`;
}

interface Content {
  size: number;
  mtime: string;
  sha256: string;
}

function contentOf(dice: Dice): Content {
  const word = (): string =>
    dice(2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return {
    size: dice(5_000_000),
    mtime: `${1_600_000_000 + dice(100_000_000)}.${String(dice(1_000_000_000)).padStart(9, "0")}`,
    sha256: Array.from({ length: 8 }, word).join(""),
  };
}

/** An index that is being written. */
interface Target {
  blocks: BlockTable;
  writer: IndexWriter;
  lines: number;
}

const linesInBlock = 20;
const storedBlock = 800_000;

function addLine(index: Target, path: string, type: "file" | "directory", content: Content): void {
  const { size, mtime, sha256 } = content;
  const status =
    type === "file"
      ? { size, mode: 0o644, uid: 33, gid: 33, mtime, sha256 }
      : { size: 0, mode: 0o755, uid: 33, gid: 33, mtime };
  const place = index.lines % linesInBlock;
  if (place === 0)
    index.blocks.settle(index.blocks.add(2 ** 20, false), index.blocks.length * storedBlock, storedBlock);
  index.writer.add(indexLine({ path: Buffer.from(path).toString("latin1"), type, ...status }), {
    block: index.blocks.length - 1,
    offset: place * 52_000,
  });
  index.lines += 1;
}
