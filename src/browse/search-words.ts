import { Failure } from "../failure/failure.ts";
import { foldText } from "./fold-text.ts";

/** One word of a search: text that a path has somewhere, or a glob that it matches. */
export interface SearchWord {
  isGlob: boolean;
  /** Its parts between slashes as UTF-8, folded; one for a word without a slash. */
  parts: readonly Buffer[];
}

const mostWords = 10;

/** The words of what a person searches for, all of which must match. Throws a `usage` Failure for none and for too many. */
export function searchWords(text: string): SearchWord[] {
  const words = foldText(text.toWellFormed()).split(/\s+/u).filter(Boolean);
  if (words.length === 0)
    throw new Failure("usage", "there is nothing to search for", { hint: "give a part of a name" });
  if (words.length > mostWords)
    throw new Failure("usage", `a search may have ${mostWords} words`, { hint: "leave some of them out" });
  return [...new Set(words)].map((word) => ({
    isGlob: /[*?]/u.test(word),
    parts: word.split("/").map((part) => Buffer.from(part)),
  }));
}
