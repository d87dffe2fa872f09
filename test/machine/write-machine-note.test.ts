import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeMachineNote } from "../../src/machine/write-machine-note.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

describe("RESTORE.txt in the vault of machines", () => {
  it("has the commands of docs/agent.md, all of them and no others", async () => {
    const folder = await scratchFolder();
    await writeMachineNote(folder);
    const note = await readFile(join(folder, "RESTORE.txt"), "utf8");
    const document = await readFile(new URL("../../docs/agent.md", import.meta.url), "utf8");
    const [, section = ""] = /^## Recover a machine by hand$([^]*?)^## /mu.exec(document) ?? [];
    const blocks = [...section.matchAll(/^ *```sh\n([^]*?)^ *```$/gmu)];
    const wanted = blocks.flatMap(([, block = ""]) => block.trim().split("\n")).map((line) => line.trim());
    expect([...note.matchAll(/^ {7}(\S.*)$/gmu)].map(([, line]) => line)).toEqual(wanted);
  });

  it("can be read by everybody, and is not touched where it is right", async () => {
    const folder = await scratchFolder();
    await writeMachineNote(folder);
    const before = await stat(join(folder, "RESTORE.txt"));
    expect((before.mode & 0o777).toString(8)).toBe("644");
    await writeMachineNote(folder);
    expect((await stat(join(folder, "RESTORE.txt"))).ino).toBe(before.ino);
  });
});
