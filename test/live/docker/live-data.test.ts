import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { manifest } from "../../../src/contract/manifest.ts";
import { expectSameTree } from "../../fixtures/expect-same-tree.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers } from "../../fixtures/live/engine.ts";
import { labelledModule } from "../../fixtures/live/labelled-module.ts";
import { startWriters } from "../../fixtures/live/writers.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

/** What may be said of each kind of writing: nothing else would be true. */
const truthful: Record<string, readonly string[]> = {
  append: ["grew"],
  truncate: ["shrank"],
  replace: ["vanished", "changed", "grew"],
  rename: ["vanished"],
  remove: ["vanished", "changed", "grew", "shrank"],
};

it(
  "data that is written all the time gives a sound backup and a truthful list of what changed",
  { timeout: 600_000 },
  async () => {
    const { davit, module, source } = await labelledModule(
      containers,
      async (folder) => {
        for (const name of ["a-still", "z-still"]) {
          await mkdir(join(folder, name));
          for (let file = 0; file < 300; file++) await writeFile(join(folder, name, `file-${file}`), `${file}\n`);
        }
      },
      { "davit.hold": "live", "davit.compression": "gzip:1" },
    );
    const writers = await startWriters(source, await scratchFolder());
    await expect.poll(() => writers.rounds(), { timeout: 60_000 }).toBeGreaterThan(20);

    for (let round = 0; round < 2; round++) {
      const before = await writers.rounds();
      const { code, stdout, stderr } = await davit.run("backup", module);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("changed while read");
      expect(await writers.rounds()).toBeGreaterThan(before);

      const [time = ""] = (await readdir(join(davit.vault, module))).toSorted().toReversed();
      const folder = join(davit.vault, module, time);
      await runTool("tar", "-tzf", join(folder, `${module}.tar.gz`));
      expect((await davit.run("verify", `${module}@latest`)).code).toBe(0);

      const { changed, changedTotal, hold } = manifest.parse(
        JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")),
      );
      expect(hold).toMatchObject({ mode: "live", consistent: false });
      expect(changedTotal).toBe(changed.length);
      const told = changed.map(({ path, what }) => ({ name: path.slice(source.length), what }));
      expect(told).toContainEqual({ name: "append/big", what: "grew" });
      expect(told).toContainEqual({ name: "truncate/big", what: "shrank" });
      const untrue = told.filter(({ name, what }) => truthful[name.split("/")[0] ?? ""]?.includes(what) !== true);
      expect(untrue).toEqual([]);

      const target = join(await scratchFolder(), "target");
      await davit.json("restore", `${module}@latest`, "--to", target);
      await expectAsWritten(join(target, source), source);
    }
    await writers.stop();
  },
);

async function expectAsWritten(restored: string, source: string): Promise<void> {
  for (const name of ["a-still", "z-still"]) await expectSameTree(join(restored, name), join(source, name));
  // What only grows was, at any moment, the beginning of what it is now.
  for (const name of await readdir(join(source, "append"))) {
    const then = await readFile(join(restored, "append", name));
    const now = await readFile(join(source, "append", name));
    expect({ name, same: now.subarray(0, then.length).equals(then) }).toEqual({ name, same: true });
  }
  for (const name of await readdir(join(restored, "replace"))) {
    if (name === ".new") continue; // caught while it was written
    const text = await readFile(join(restored, "replace", name), "utf8");
    const [number = ""] = text.split("\n");
    expect({ name, text }).toEqual({ name, text: `${number}\n`.repeat(2000) });
  }
  for (const name of await readdir(join(restored, "rename")))
    expect(await readFile(join(restored, "rename", name), "utf8")).toBe(`${name.split("-")[0]}\n`);
}
