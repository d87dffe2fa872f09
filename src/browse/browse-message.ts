import type { ChangeKind, ComparePage, FolderPage, Page, SearchPage } from "../contract/browse.ts";
import type { FailureKind } from "../contract/failure-kind.ts";
import type { BytePath } from "../format/byte-path.ts";
import type { FoundEntry } from "../format/find-entry.ts";
import type { IndexPlace } from "./table-cache.ts";

/** What can be asked of an index, and what the answer is. */
interface Questions {
  folder: { question: { index: IndexPlace; path: BytePath; page: Page }; answer: FolderPage };
  search: { question: { index: IndexPlace; text: string; page: Page }; answer: SearchPage };
  compare: {
    question: { index: IndexPlace; before: IndexPlace; kind: ChangeKind | null; page: Page };
    answer: ComparePage;
  };
  /** The entry at a path, where the index is in memory; null where it is not, or has none. */
  peek: { question: { index: IndexPlace; path: BytePath }; answer: FoundEntry | null };
}

export type QuestionKind = keyof Questions;
export type Question<K extends QuestionKind> = Questions[K]["question"];
export type Answer<K extends QuestionKind> = Questions[K]["answer"];

/** One question, under a number of its own. */
export type AskOrder = {
  [K in QuestionKind]: { type: "ask"; number: number; kind: K; question: Question<K> };
}[QuestionKind];

/** What the thread is told. */
export type BrowseOrder = AskOrder | { type: "cancel"; number: number };

export interface FailureText {
  kind: FailureKind;
  message: string;
  hint: string | undefined;
}

/** What the thread answers. */
export type BrowseReply = { number: number; answer: Answer<QuestionKind> } | { number: number; failure: FailureText };
