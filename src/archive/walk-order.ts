import type { BytePath } from "../format/byte-path.ts";

/** Where something stands in the order of a walk: which source, and its path there. */
export interface WalkPosition {
  source: number;
  relative: BytePath;
}

const slash = 0x2f;

/**
 * Compares two places in the order in which `walkSource` tells them: source by source, names in byte order, a directory
 * before what it holds, and all of that before the next name. Negative where `a` comes first, 0 for the same place.
 */
export function compareInWalk(a: WalkPosition, b: WalkPosition): number {
  if (a.source !== b.source) return a.source - b.source;
  const length = Math.min(a.relative.length, b.relative.length);
  for (let at = 0; at < length; at += 1) {
    const one = a.relative.charCodeAt(at);
    const other = b.relative.charCodeAt(at);
    if (one !== other) return (one === slash ? -1 : one) - (other === slash ? -1 : other);
  }
  return a.relative.length - b.relative.length;
}
