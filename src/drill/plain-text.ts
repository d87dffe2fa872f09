import { stripVTControlCharacters } from "node:util";

/** What a program printed, without what would move a terminal's cursor or colour it; newlines and tabs stay. */
export function plainText(printed: string): string {
  return stripVTControlCharacters(printed.replace(/\r\n?/gu, "\n")).replace(/[^\P{Cc}\n\t]/gu, "");
}

const longest = 300;

/** The end of it on one line, as it fits into a message. */
export function lastWords(printed: string): string {
  return plainText(printed).trim().replace(/\s+/gu, " ").slice(-longest);
}
