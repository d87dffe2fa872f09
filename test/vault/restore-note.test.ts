import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openVault } from "../../src/vault/open-vault.ts";
import { archiveFolder } from "../fixtures/archive-folder.ts";
import { expectSameTree } from "../fixtures/expect-same-tree.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

it.each([
  ["nas.tar.gz", { type: "gzip", level: 6 }],
  ["nas.tar.zst", { type: "zstd", level: 3 }],
  ["nas.tar", { type: "none" }],
] as const)("the command in RESTORE.txt restores %s", async (name, compression) => {
  const scratch = await scratchFolder();
  const source = join(scratch, "source");
  await mkdir(source);
  await writeFile(join(source, "notes"), "kept", { mode: 0o640 });
  await runTool("setfattr", "-n", "trusted.mark", "-v", "kept", join(source, "notes"));
  await runTool("setfacl", "-m", "u:1234:rw", join(source, "notes"));
  const backup = join(scratch, "backup");
  const { archive } = await archiveFolder(source, backup, { module: "nas", compression });
  expect(archive.file).toBe(name);

  await openVault(scratch).writeRestoreNote();
  const note = await readFile(join(scratch, "RESTORE.txt"), "utf8");
  const command = note.split("\n").find((line) => line.includes(`${name} -C /`));
  const target = join(scratch, "target");
  await mkdir(target);
  await runTool("bash", "-ec", `cd "$1"; ${command?.replace(/-C \/.*/u, '-C "$2"')}`, "bash", backup, target);

  await expectSameTree(join(target, source), source);
});
