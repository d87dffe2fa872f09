import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { archiveFolder } from "../fixtures/archive-folder.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

async function archived(
  files: readonly string[],
  exclude: readonly string[],
): Promise<{ names: string[]; excluded: Record<string, { entries: number; bytes: number }> }> {
  const scratch = await scratchFolder();
  const source = join(scratch, "source");
  for (const file of files) {
    await mkdir(dirname(join(source, file)), { recursive: true });
    await writeFile(join(source, file), file.endsWith("CACHEDIR.TAG") ? signature : "four");
  }
  const { archive, excluded } = await archiveFolder(source, join(scratch, "backup"), { exclude: [...exclude] });
  const list = await runTool("tar", "-tzf", join(scratch, "backup", archive.file));
  const prefix = `${source.slice(1)}/`;
  return {
    names: list
      .split("\n")
      .filter((name) => name.length > prefix.length)
      .map((name) => name.slice(prefix.length)),
    excluded: Object.fromEntries(excluded.map(({ pattern, entries, bytes }) => [pattern, { entries, bytes }])),
  };
}

const signature = "Signature: 8a477f597d28d172789f06886806bc55\nmore\n";

it("an excluded directory stays, its contents do not, and each pattern counts what it left out", async () => {
  const files = ["cache/one", "cache/deep/two", "data/app.log", "data/kept", "data/cache"];
  const { names, excluded } = await archived(files, ["cache/", "*.log"]);
  expect(names).toEqual(["cache/", "data/", "data/cache", "data/kept"]);
  expect(excluded).toEqual({ "cache/": { entries: 3, bytes: 8 }, "*.log": { entries: 1, bytes: 4 } });
});

it("a directory with a CACHEDIR.TAG keeps the tag alone, and that is counted", async () => {
  const { names, excluded } = await archived(["build/CACHEDIR.TAG", "build/object", "kept"], []);
  expect(names).toEqual(["build/", "build/CACHEDIR.TAG", "kept"]);
  expect(excluded).toEqual({ "CACHEDIR.TAG": { entries: 1, bytes: 4 } });
});

it("a file that only has the tag's name is no tag", async () => {
  const scratch = await scratchFolder();
  const source = join(scratch, "source");
  await mkdir(source);
  await writeFile(join(source, "CACHEDIR.TAG"), "nothing");
  await writeFile(join(source, "kept"), "four");
  const { counts } = await archiveFolder(source, join(scratch, "backup"));
  expect(counts.files).toBe(2);
});
