import type { FileStatus } from "../libc/file-status.ts";
import { signatureSize } from "../libc/file-status.ts";
import type { CatalogWriter } from "./catalog.ts";
import { mergeCatalogs } from "./merge-catalogs.ts";
import type { EarlierPass } from "./read-message.ts";
import { compareInWalk, type WalkPosition } from "./walk-order.ts";

/** What is known of a path from the passes before. */
interface Known {
  isHardLink: boolean;
  /** What a hard link leads to; empty for all else. */
  link: string;
}

/** Content of a big file as an earlier pass read it: its first block, and its size. */
export interface EarlierContent {
  block: number;
  size: number;
}

/** The passes before, gone through in step with the walk of this one. */
export interface EarlierPasses {
  /**
   * What is known of the path that the walk has come to, if it has not changed since it was read; else null. What the walk has
   * passed over since the last call is gone, and is written to the catalog as such.
   */
  unchanged(position: WalkPosition, status: FileStatus): Known | null;
  /** The content that the path that was asked for last had, where that lies in blocks of its own. */
  earlierContent(): EarlierContent | null;
  /** The path that was asked for last has nothing to read any more: it counts as gone. */
  dropCurrent(): void;
  /** The walk is over: what it has not come to is gone. */
  end(): void;
  close(): void;
}

export function openEarlierPasses(
  passes: readonly EarlierPass[],
  catalog: Pick<CatalogWriter, "addGone">,
): EarlierPasses {
  const merged = mergeCatalogs(passes.map((one) => one.catalog));
  const signature = Buffer.alloc(signatureSize);
  let there = merged.next();
  let dropped: WalkPosition | null = null;
  let content: EarlierContent | null = null;

  function advance(position: WalkPosition | null): number {
    for (;;) {
      const order = there && position !== null ? compareInWalk(merged.record, position) : there ? -1 : 1;
      if (order >= 0) return order;
      catalog.addGone(merged.record);
      there = merged.next();
    }
  }

  return {
    unchanged(position, status) {
      dropped = null;
      content = null;
      if (advance(position) !== 0) return null;
      const { record, pass, ordinal } = merged;
      const began = passes[pass]?.began;
      status.writeSignature(signature, 0);
      const same = began !== undefined && signature.equals(record.signature);
      const known: Known | null =
        same && !status.changedSince(began.seconds, began.nanoseconds)
          ? { isHardLink: record.type === "hardlink", link: record.type === "hardlink" ? record.link : "" }
          : null;
      const block = passes[pass]?.bigs.get(ordinal);
      if (block !== undefined) content = { block, size: record.size };
      there = merged.next();
      dropped = position;
      return known;
    },
    earlierContent: () => content,
    dropCurrent() {
      if (dropped !== null) catalog.addGone(dropped);
      dropped = null;
    },
    end: () => void advance(null),
    close: () => merged.close(),
  };
}
