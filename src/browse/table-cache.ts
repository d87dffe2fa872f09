import { loadIndex } from "./load-index.ts";
import type { IndexTable } from "./index-table.ts";
import type { IndexFile } from "../format/read-index.ts";

/** The index of a backup: where it is, and what tells it from all others. */
export interface IndexPlace {
  id: string;
  folder: string;
  manifest: IndexFile["manifest"];
}

/** Whatever their size: else each page of a comparison would load both anew. */
const alwaysKept = 2;

interface Cached {
  loading: Promise<IndexTable>;
  /** Null until it is loaded. */
  table: IndexTable | null;
  waiting: number;
  cancel: AbortController;
}

/** Indexes that are in memory, those last used up to so many bytes; what is asked for several times at once is loaded once. */
export class TableCache {
  readonly #limit: number;
  readonly #load: typeof loadIndex;
  /** The one used last is the last one. */
  readonly #known = new Map<string, Cached>();

  constructor(limit: number, load = loadIndex) {
    this.#limit = limit;
    this.#load = load;
  }

  /** The table of an index. Loading ends early once nobody waits for it any more; whoever's `signal` aborts gets its reason. */
  async get({ id, folder, manifest }: IndexPlace, signal: AbortSignal): Promise<IndexTable> {
    const key = keyOf({ id, manifest });
    const cached = this.#known.get(key) ?? this.#begin(key, { folder, manifest });
    this.#known.delete(key);
    this.#known.set(key, cached);
    if (cached.table !== null) return cached.table;
    cached.waiting += 1;
    try {
      return await unlessAborted(cached.loading, signal);
    } finally {
      cached.waiting -= 1;
      if (cached.waiting === 0 && cached.table === null) {
        if (this.#known.get(key) === cached) this.#known.delete(key);
        cached.cancel.abort();
      }
    }
  }

  /** The same where it is in memory already. */
  peek(place: IndexPlace): IndexTable | null {
    return this.#known.get(keyOf(place))?.table ?? null;
  }

  #begin(key: string, source: IndexFile): Cached {
    const cancel = new AbortController();
    const loading = this.#load({ ...source, signal: cancel.signal });
    const cached: Cached = { loading, table: null, waiting: 0, cancel };
    loading.then(
      (table) => {
        cached.table = table;
        this.#forgetOldest();
      },
      () => this.#known.get(key) === cached && this.#known.delete(key), // who waits is told
    );
    return cached;
  }

  #forgetOldest(): void {
    let bytes = 0;
    const tables = [...this.#known].filter(([, { table }]) => table !== null);
    for (const [number, [key, { table }]] of tables.toReversed().entries()) {
      bytes += table?.bytes ?? 0;
      if (number >= alwaysKept && bytes > this.#limit) this.#known.delete(key);
    }
  }
}

function keyOf({ id, manifest }: Pick<IndexPlace, "id" | "manifest">): string {
  return `${id} ${manifest.index.sha256}`;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
