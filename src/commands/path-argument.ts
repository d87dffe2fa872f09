import { readFileSync } from "node:fs";
import { type BytePath, fromText, toDisplay } from "../format/byte-path.ts";

/**
 * The path in a backup that a word of the command line names, without slashes at its ends. Node gives words as UTF-8 text,
 * in which other bytes are lost; the kernel still has them.
 */
export function pathArgument(word: string): BytePath {
  const path = word.includes("\uFFFD") ? (rawWord(word) ?? fromText(word)) : fromText(word);
  return path.replace(/^(\.?\/+)+|\/+$/gu, "");
}

function rawWord(word: string): BytePath | undefined {
  const words = readFileSync("/proc/self/cmdline", "latin1").split("\0");
  return words.find((one) => toDisplay(one) === word);
}
