import type { Module, Source, Warning } from "../contract/module.ts";
import { fromText } from "../format/byte-path.ts";
import { compileExclusions } from "../format/exclusions.ts";

/** What the archive stage has to read. */
export interface BackupPlan {
  /** Sorted by path; none lies in another, so that nothing is read twice. */
  sources: Source[];
  /** Patterns for `compileExclusions`, relative to a source. */
  exclude: string[];
  /** What a person should know of the plan. */
  warnings: Warning[];
}

/** The plan for a module's backup. A source that lies in another is read with that one. */
export function planBackup(module: Pick<Module, "sources" | "settings">): BackupPlan {
  const { exclude } = module.settings;
  const excluded = compileExclusions(exclude);
  const warnings: Warning[] = [];
  const sources: Source[] = [];
  for (const source of module.sources.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const outer = sources.find(
      ({ path }) => source.path === path || source.path.startsWith(path === "/" ? "/" : `${path}/`),
    );
    if (outer === undefined) {
      sources.push(source);
      continue;
    }
    const pattern = patternAgainst(source.path.slice(outer.path.length + 1), excluded);
    if (pattern !== null)
      warnings.push({
        severity: "warning",
        message: `${source.path} is a source of its own, but lies in ${outer.path}, where the exclusion ${pattern} leaves it out`,
        hint: `add davit.exclude=!${pattern} if its data matters`,
      });
  }
  return { sources, exclude: [...exclude], warnings };
}

/** The pattern that leaves out a folder's contents, be it by one of the folders above it. */
function patternAgainst(path: string, excluded: ReturnType<typeof compileExclusions>): string | null {
  const parts = fromText(path).split("/");
  for (const length of parts.keys()) {
    const pattern = excluded(parts.slice(0, length + 1).join("/"), true);
    if (pattern !== null) return pattern;
  }
  return path === "" ? null : excluded(`${parts.join("/")}/x`, false);
}
