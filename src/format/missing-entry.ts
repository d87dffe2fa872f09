import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import { type BytePath, toDisplay } from "./byte-path.ts";
import { entryPath, type IndexSource, readIndex } from "./read-index.ts";

/** The `missing` Failure for a path that a backup does not hold, with the nearest that it does as the hint. */
export async function missingEntry(source: IndexSource, path: BytePath): Promise<Failure> {
  const { module, time } = source.manifest;
  return new Failure("missing", `${module}/${time} holds nothing at /${toDisplay(path)}`, {
    hint: await hintFor(source, path),
  });
}

/** More names than a person has in one folder; what comes after them is not compared. */
const maxNames = 10_000;

async function hintFor(source: IndexSource, path: BytePath): Promise<string> {
  const { module, time } = source.manifest;
  const asked = path.split("/");
  let depth = 0;
  let names = new Set<string>();
  for await (const { entry } of readIndex(source)) {
    const found = entryPath(entry);
    // A path below the module's folder, as it is seen inside the container, is the most common slip.
    if (found.endsWith(`/${path}`)) return `did you mean /${toDisplay(found)}?`;
    const parts = found.split("/");
    const common = commonParts(parts, asked);
    if (common > depth) {
      depth = common;
      names = new Set();
    }
    const next = parts[depth];
    if (common === depth && next !== undefined && names.size < maxNames) names.add(next);
  }
  const folder = asked.slice(0, depth);
  const near = nearestName(asked[depth] ?? "", [...names]);
  if (near !== null) return `did you mean /${toDisplay([...folder, near, ...asked.slice(depth + 1)].join("/"))}?`;
  const below = depth === 0 ? "" : ` /${toDisplay(folder.join("/"))}`;
  return `\`davit files ${module}/${time}${below}\` lists what it holds`;
}

function commonParts(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count += 1;
  return count;
}
