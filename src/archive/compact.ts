import type { Position } from "./block-table.ts";
import type { BlockWriter } from "./block-writer.ts";
import type { IndexWriter } from "./index-writer.ts";
import type { Spool } from "./spool.ts";

/** Puts the entries of a spool into an archive in another order, or only some of them. */
export interface Compactor {
  /** The next entry: its line for the index, and the stretches of the spool that it consists of. */
  add(line: string, stretches: readonly { start: Position; end: Position }[]): Promise<void>;
  /** What was added is handed to the writer. */
  end(): Promise<void>;
}

/** A stretch of one block, and the entries that start in it. */
interface Piece {
  block: number;
  from: number;
  to: number;
  starts: { at: number; line: string }[];
}

/**
 * Blocks that are wanted whole are copied as they lie in the spool; of others the wanted stretches are taken out and
 * compressed again.
 */
export function createCompactor(spool: Spool, writer: BlockWriter, index: IndexWriter): Compactor {
  const { blocks } = spool.writer;
  let current: Piece | null = null;

  async function add(block: number, from: number, to: number, line: string | null): Promise<void> {
    const starts = line === null ? [] : [{ at: from, line }];
    if (current?.block === block && current.to === from) {
      current.to = to;
      current.starts.push(...starts);
      return;
    }
    await flush();
    current = { block, from, to, starts };
  }

  async function flush(): Promise<void> {
    const piece = current;
    current = null;
    if (piece === null) return;
    const isWhole = piece.from === 0 && piece.to === blocks.plain(piece.block);
    if (isWhole && spool.isFinal(piece.block)) copy(piece);
    else await rewrite(piece);
    await writer.room();
    if (index.isFull()) await index.flush();
  }

  function copy({ block, to, starts }: Piece): void {
    const copied = writer.copy(spool.stored(block), to);
    for (const { at, line } of starts) index.add(line, { block: copied, offset: at });
  }

  async function rewrite({ block, from, to, starts }: Piece): Promise<void> {
    const plain = await spool.plain(block);
    writer.write(plain, from, starts[0]?.at ?? to);
    for (const [number, { at, line }] of starts.entries()) {
      index.add(line, writer.startEntry());
      writer.write(plain, at, starts[number + 1]?.at ?? to);
    }
  }

  return {
    async add(line, stretches) {
      let first: string | null = line;
      for (const { start, end } of stretches) {
        for (let block = start.block; block <= end.block; block += 1) {
          const from = block === start.block ? start.offset : 0;
          const to = block === end.block ? end.offset : blocks.plain(block);
          if (from === to) continue;
          await add(block, from, to, first);
          first = null;
        }
      }
    },
    end: flush,
  };
}
