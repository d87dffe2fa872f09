import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createDice, createNoise, createText } from "./content.ts";

/*
 * The trees that are backed up. Each is made from a seed, so that every run on every machine has the same, and only where it
 * is not there yet.
 */

const miB = 1024 ** 2;
const filesInFolder = 100;

/** As in the folder of a web application: seven of ten files are text, the others images and packages; about 7.7 KB each, times `scale`. */
export function makeSmallTree(folder: string, files: number, scale = 1): void {
  make(folder, (root) => {
    const dice = createDice(1);
    const text = createText(dice);
    const noise = createNoise(1);
    let parent = root;
    for (let i = 0; i < files; i += 1) {
      if (i % filesInFolder === 0) parent = makeFolder(root, i / filesInFolder);
      const [kind, bytes] = dice(10) < 7 ? (["txt", text] as const) : (["bin", noise] as const);
      writeFileSync(join(parent, `file-${i}.${kind}`), bytes(Math.round(scale * sizeLike(dice(2 ** 20) / 2 ** 20))));
    }
  });
}

/** Four files of text and four that can't be made smaller. */
export function makeBigTree(folder: string, mebibytes: number): void {
  make(folder, (root) => {
    const text = createText(createDice(2));
    const noise = createNoise(2);
    for (let i = 0; i < 8; i += 1) {
      writeBig(join(root, `big-${i}`), mebibytes / 8, i % 2 === 0 ? text : noise);
    }
  });
}

/** Where in a large tree the text stands. */
export function wantedFile(mebibytes: number): string {
  const number = Math.floor(mebibytes / 2 / filesInFolder);
  return join(folderName(number), "wanted.txt");
}

/** A tree whose archive has the given size: photographs by the thousand, and a text in their midst. */
export function makeLargeTree(folder: string, mebibytes: number): void {
  make(folder, (root) => {
    const noise = createNoise(3);
    for (let i = 0; i < mebibytes; i += 1) {
      const parent = makeFolder(root, Math.floor(i / filesInFolder));
      for (let j = 0; j < 8; j += 1) writeFileSync(join(parent, `photo-${i}-${j}.jpg`), noise(miB / 8));
      if (i === Math.floor(mebibytes / 2)) writeFileSync(join(parent, "wanted.txt"), createText(createDice(3))(miB));
    }
  });
}

/** Files with hardly anything in them, a thousand in a folder. */
export function makeTinyTree(folder: string, files: number): void {
  make(folder, (root) => {
    let parent = root;
    for (let i = 0; i < files; i += 1) {
      if (i % 1000 === 0) parent = makeFolder(root, i / 1000);
      writeFileSync(join(parent, `f${i}`), String(i));
    }
  });
}

function make(folder: string, fill: (root: string) => void): void {
  if (existsSync(folder)) return;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  fill(unfinished);
  renameSync(unfinished, folder);
}

function makeFolder(root: string, number: number): string {
  const folder = join(root, folderName(number));
  mkdirSync(folder, { recursive: true });
  return folder;
}

function folderName(number: number): string {
  return join(`group-${number % 10}`, `folder-${number}`);
}

/** Many small ones, few large ones: from 200 bytes to 44 KB, 7.7 KB on average, a median of 2.6 KB. */
function sizeLike(share: number): number {
  return Math.round(200 * Math.exp(share * share * 0.5 + share * 4.9));
}

function writeBig(file: string, mebibytes: number, bytes: (length: number) => Buffer): void {
  const fd = openSync(file, "wx");
  for (let left = mebibytes * miB; left > 0; left -= miB) writeSync(fd, bytes(Math.min(miB, left)));
  closeSync(fd);
}
