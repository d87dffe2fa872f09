import type { Source } from "../contract/module.ts";
import { Failure } from "../failure/failure.ts";
import { type BytePath, fromText, toDisplay } from "../format/byte-path.ts";

/** One thing that a restore in place puts back as a whole: a source, or a file or folder inside one. */
export interface Place {
  /** The folder that holds the source, absolute: paths are followed up to here. */
  root: string;
  /** From there to the folder that holds the thing; empty where that is `root`. No link is followed on this way. */
  parent: BytePath;
  name: BytePath;
}

/**
 * Where a restore in place goes: each source, or each of `paths` (without leading slash) that lies in a source. A path inside
 * another one of them counts once. Throws `usage` for a path that lies in no source.
 */
export function placesOf(sources: readonly Source[], paths: readonly BytePath[]): Place[] {
  if (paths.length === 0) return sources.map((source) => sourcePlace(fromText(source.path)));
  const outermost = paths.filter((path) => !paths.some((other) => other !== path && isWithin(path, other)));
  return [...new Set(outermost)].map((path) => {
    const source = sources.map((one) => fromText(one.path)).find((one) => isWithin(path, one.slice(1)));
    if (source === undefined)
      throw new Failure("usage", `/${toDisplay(path)} lies in none of the sources of this backup`, {
        hint: "name a file or folder inside a source, or restore with --to a folder",
      });
    const { root, name } = sourcePlace(source);
    const inside = path.slice(source.length - 1 - name.length);
    const slash = inside.lastIndexOf("/");
    return { root, parent: slash < 0 ? "" : inside.slice(0, slash), name: inside.slice(slash + 1) };
  });
}

/** The path of a place as the archive has it, without leading slash. */
export function pathOf(place: Place): BytePath {
  return [fromText(place.root).slice(1), place.parent, place.name].filter((part) => part !== "").join("/");
}

/** Whether a place is a whole source. */
export function isSource(place: Place, sources: readonly Source[]): boolean {
  return sources.some((source) => fromText(source.path) === `/${pathOf(place)}`);
}

function sourcePlace(path: BytePath): Place {
  const slash = path.lastIndexOf("/");
  return { root: toDisplay(path.slice(0, slash)) || "/", parent: "", name: path.slice(slash + 1) };
}

function isWithin(path: BytePath, root: BytePath): boolean {
  return path === root || path.startsWith(`${root}/`);
}
