import { readdir, stat } from "node:fs/promises";

/** The coarsest clock that a file system stamps its folders with. */
const coarsestMs = 2000;

/**
 * For a folder of a local disk that is asked for again and again: gives what `make` made of its names, and lists it only where it
 * has changed. Errors are those of `readdir`.
 */
export function rememberFolder<T>(folder: string, make: (names: readonly string[]) => T): () => Promise<T> {
  let last: { changed: bigint; made: T } | null = null;
  return async () => {
    const { mtimeNs, mtimeMs } = await stat(folder, { bigint: true });
    if (last?.changed === mtimeNs) return last.made;
    const began = Date.now();
    const made = make(await readdir(folder));
    // What changes within the same tick of the file system's clock leaves no trace.
    last = began - Number(mtimeMs) > coarsestMs ? { changed: mtimeNs, made } : null;
    return made;
  };
}
