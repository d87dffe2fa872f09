import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { archiveFolder } from "../fixtures/archive-folder.ts";
import { expectSameTree } from "../fixtures/expect-same-tree.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { makeTortureTree } from "../fixtures/torture-tree.ts";

const tarOptions = ["--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner"];

describe("an archive", () => {
  it("brings back a tree with everything in it through GNU tar alone", { timeout: 300_000 }, async () => {
    const scratch = await scratchFolder();
    const source = join(scratch, "source");
    await mkdir(source);
    await makeTortureTree(source);

    const result = await archiveFolder(source, join(scratch, "backup"));
    expect(result.changed).toEqual([]);
    const file = join(scratch, "backup", result.archive.file);
    const target = join(scratch, "target");
    await mkdir(target);
    await runTool("tar", ...tarOptions, "-xpzf", file, "-C", target);

    await expectSameTree(join(target, source), source);
    expect(await runTool("tar", ...tarOptions, "--compare", "-zf", file, "-C", "/")).toBe("");
    expect(statSync(join(target, source, "sparse")).blocks).toBeLessThan(2048);
  });

  it.each([
    ["gzip", { type: "gzip", level: 1 }, "-z"],
    ["zstd", { type: "zstd", level: 3 }, "--zstd"],
    ["none", { type: "none" }, "--sparse"],
  ] as const)("is read by tar when compressed with %s", async (_name, compression, option) => {
    const scratch = await scratchFolder();
    const source = join(scratch, "source");
    await mkdir(source);
    for (const name of ["a", "b", "c"]) {
      await runTool("dd", "if=/dev/urandom", `of=${join(source, name)}`, "bs=1k", "count=1700", "status=none");
    }
    const { archive } = await archiveFolder(source, join(scratch, "backup"), { compression });
    const file = join(scratch, "backup", archive.file);
    expect(await runTool("tar", option, "--compare", "-f", file, "-C", "/")).toBe("");
    const [sum] = (await runTool("sha256sum", file)).split(" ");
    expect(sum).toBe(archive.sha256);
    expect(statSync(file).size).toBe(archive.bytes);
  });
});
