import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { archiveFolder } from "../fixtures/archive-folder.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

it("leaves out what restores left behind, wherever it stands, and says so", async () => {
  const scratch = await scratchFolder();
  const source = join(scratch, ".undone-source");
  const leftovers = [".davit-restore-file", "deep/.before-restore-20261122T020000Z", "deep/.undone-20261122T020000Z"];
  await mkdir(join(source, "deep"), { recursive: true });
  await writeFile(join(source, "deep", "kept"), "data");
  await writeFile(join(source, "deep", ".davit-restored"), "data of the module's own");
  await writeFile(join(source, ".davit-restore-file"), "half a file");
  for (const name of leftovers.slice(1)) {
    await mkdir(join(source, name));
    await writeFile(join(source, name, "old"), "old data");
  }

  const result = await archiveFolder(source, join(scratch, "backup"));

  const listed = await runTool("tar", "-tzf", join(scratch, "backup", result.archive.file));
  const root = source.slice(1);
  expect(listed.split("\n").filter(Boolean)).toEqual([
    `${root}/`,
    `${root}/deep/`,
    `${root}/deep/.davit-restored`,
    `${root}/deep/kept`,
  ]);
  expect(result.skipped).toEqual(
    leftovers.map((name) => ({ path: `${root}/${name}`, reason: "left over from a restore" })),
  );
});
