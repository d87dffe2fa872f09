import { type JournalOptions, openModuleJournal } from "./open-module-journal.ts";

/** What is about to be done to modules and was done last, so that what is cut off is rolled back and the last can be undone. */
export interface UndoJournal<T extends { module: string }> {
  /** Returns once the entry, which is not finished, is on the disk. */
  write(entry: T): Promise<void>;
  /** The entry becomes the module's last one, and nothing is unfinished any more. */
  finish(entry: T): Promise<void>;
  /** What goes on or was cut off; null where there is nothing. */
  unfinished(module: string): Promise<T | null>;
  /** The last that was done, and can be undone. */
  last(module: string): Promise<T | null>;
  /** Forgets the unfinished one. */
  discard(module: string): Promise<void>;
  /** The modules that have an unfinished one. */
  list(): Promise<string[]>;
}

/** A journal of two files a module, in a folder which is made once there is an entry. */
export function openUndoJournal<T extends { module: string }>(
  options: Omit<JournalOptions<T>, "suffix">,
): UndoJournal<T> {
  const open = openModuleJournal({ ...options, suffix: ".open.json" });
  const last = openModuleJournal({ ...options, suffix: ".last.json" });
  return {
    write: open.write,
    async finish(entry) {
      await last.write(entry);
      await open.clear(entry.module);
    },
    unfinished: open.read,
    last: last.read,
    discard: open.clear,
    list: open.list,
  };
}
