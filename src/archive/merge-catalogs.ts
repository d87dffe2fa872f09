import { type CatalogCursor, openCatalog } from "./catalog.ts";
import { compareInWalk } from "./walk-order.ts";

/** The newest state of everything in several catalogs, in the order of the walk. */
export interface MergedCatalogs {
  /** Goes to the next path that is there; false at the end. */
  next(): boolean;
  /** Its newest record, which the caller must not move. */
  readonly record: CatalogCursor;
  /** Which catalog that is in, and its number among those records there that are not `gone`. */
  readonly pass: number;
  readonly ordinal: number;
  close(): void;
}

interface Input {
  cursor: CatalogCursor;
  ordinal: number;
  atEnd: boolean;
}

/** Merges the catalogs of the passes of an archive, first pass first: of a path that several have, the last one counts. */
export function mergeCatalogs(paths: readonly string[]): MergedCatalogs {
  const inputs = paths.map((path): Input => ({ cursor: openCatalog(path), ordinal: -1, atEnd: false }));
  for (const input of inputs) step(input);
  let taken: Input[] = []; // those that stand at the current path
  let newest = -1;

  function record(): Input {
    const input = inputs[newest];
    if (input === undefined) throw new Error("there is no record before the first or after the last");
    return input;
  }

  return {
    next() {
      for (;;) {
        for (const input of taken) step(input);
        taken = [];
        newest = -1;
        for (const [pass, input] of inputs.entries()) {
          if (input.atEnd) continue;
          const order = taken[0] === undefined ? -1 : compareInWalk(input.cursor, taken[0].cursor);
          if (order > 0) continue;
          if (order < 0) taken = [];
          taken.push(input);
          newest = pass;
        }
        if (newest === -1) return false;
        if (record().cursor.type !== "gone") return true;
      }
    },
    get record() {
      return record().cursor;
    },
    get pass() {
      return newest;
    },
    get ordinal() {
      return record().ordinal;
    },
    close() {
      for (const { cursor } of inputs) cursor.close();
    },
  };
}

function step(input: Input): void {
  if (!input.cursor.next()) input.atEnd = true;
  else if (input.cursor.type !== "gone") input.ordinal += 1;
}
