import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

describe("what a program loads", () => {
  it("has, for the agent, nothing of Docker, the API or the archive", async () => {
    const { files, packages } = await graph("src/agent.ts");
    expect(files).toContain("src/runs/open-runs.ts");
    expect(
      files.filter((file) => /^src\/(docker|api|archive|discover|hold|dump|drill|recreate)\//u.test(file)),
    ).toEqual([]);
    expect(files).not.toContain("src/sidecar.ts");
    expect(packages.filter((name) => ["dockerode", "archiver"].includes(name))).toEqual([]);
  });

  it.each(["src/davit.ts", "src/sidecar.ts"])("has, for %s, nothing of the physical host", async (program) => {
    const { files } = await graph(program);
    expect(files).toContain("src/docker/connect-docker.ts");
    expect(
      files.filter((file) =>
        /^src\/(machine|share|install|flow\/(machine|share)|(commands|link)\/agent)\//u.test(file),
      ),
    ).toEqual([]);
  });
});

/** All that a file loads when it runs, and what that loads: files by their path in the project, packages by name. */
async function graph(start: string): Promise<{ files: string[]; packages: string[] }> {
  const files = new Set([start]);
  const packages = new Set<string>();
  for (const file of files) {
    const text = await readFile(join(root, file), "utf8");
    for (const name of loadedBy(text)) {
      if (name.startsWith(".")) files.add(relative(root, resolve(root, dirname(file), name)));
      else if (!name.startsWith("node:")) packages.add(name.replace(/^((?:@[^/]+\/)?[^/]+).*$/u, "$1"));
    }
  }
  return { files: [...files], packages: [...packages] };
}

/** What stands after `from` and in `import(…)`, but for types, of which nothing is left when it runs. */
function loadedBy(text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/gmu);
  const calls = text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/gu);
  const fixed = [...statements].flatMap(([, isType, name]) =>
    isType === undefined && name !== undefined ? [name] : [],
  );
  return [...fixed, ...[...calls].flatMap(([, name]) => name ?? [])];
}
