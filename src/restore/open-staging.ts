import { closeSync } from "node:fs";
import { fromText } from "../format/byte-path.ts";
import { mkdirAt } from "../libc/at.ts";
import type { TreeRoot } from "./restore-tree.ts";
import { openParent, type Swap } from "./swaps.ts";

/** Where the data of swaps is made ready. */
export interface Staging {
  /** For `extractBackup`; good until `close`. */
  roots: TreeRoot[];
  close(): void;
}

/** Makes the staging folders of swaps, one beside each group of places, so on the same file system. */
export function openStaging(swaps: readonly Swap[]): Staging {
  const open: number[] = [];
  const roots = new Map<string, TreeRoot>();
  const close = (): void => {
    for (const fd of open.splice(0)) closeSync(fd);
  };
  try {
    for (const swap of swaps) {
      const prefix = [fromText(swap.root).slice(1), swap.parent].filter((part) => part !== "").join("/");
      if (roots.has(prefix)) continue;
      const at = openParent(swap);
      open.push(at);
      mkdirAt(at, swap.staging, 0o700);
      roots.set(prefix, { prefix, directory: `/proc/self/fd/${at}/${swap.staging}` });
    }
  } catch (thrown) {
    close();
    throw thrown;
  }
  return { roots: [...roots.values()], close };
}
