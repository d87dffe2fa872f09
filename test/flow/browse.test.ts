import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { browseFolder, compareBackups, searchBackup } from "../../src/flow/browse.ts";
import { sealedBackup } from "../fixtures/sealed-backup.ts";
import { openTestVault } from "./browsed-vault.ts";

const [first, second] = ["nas/20261122T020000Z", "nas/20261123T020000Z"];
const page = { skip: 0, limit: 100 };
const forever = new AbortController().signal;

async function twoBackups() {
  const opened = await openTestVault();
  const source = join(opened.root, "source");
  mkdirSync(join(source, "photos"), { recursive: true });
  for (const name of ["kept", "changed", "removed"]) writeFileSync(join(source, "photos", name), name);
  await sealedBackup({ vault: opened.vault, module: "nas", time: "20261122T020000Z", source });
  writeFileSync(join(source, "photos", "changed"), "otherwise");
  rmSync(join(source, "photos", "removed"));
  writeFileSync(join(source, "photos", "added %2e\n.txt"), "new");
  await sealedBackup({ vault: opened.vault, module: "nas", time: "20261123T020000Z", source });
  return { ...opened, path: source.slice(1) };
}

describe("looking into real backups", () => {
  it("shows folders with what is below them", async () => {
    const { davit, path } = await twoBackups();
    const { folder, entries } = await browseFolder(davit, "nas@latest", path, page, forever);
    expect(folder).toMatchObject({ path, listed: true, below: { entries: 4, bytes: 16 } });
    expect(entries).toMatchObject([{ name: "photos", type: "directory", below: { entries: 3, bytes: 16 } }]);
    const photos = await browseFolder(davit, second, `${path}/photos`, page, forever);
    expect(photos.entries.map(({ name }) => name)).toEqual(["added %2e\n.txt", "changed", "kept"]);
    const top = await browseFolder(davit, second, "", page, forever);
    expect(top.entries).toMatchObject([{ name: path.split("/")[0], listed: false }]);
  });

  it("finds by name and by glob", async () => {
    const { davit } = await twoBackups();
    expect((await searchBackup(davit, second, "PHOTOS kep", page, forever)).entries).toMatchObject([{ name: "kept" }]);
    expect((await searchBackup(davit, second, "*.txt", page, forever)).total).toBe(1);
    expect((await searchBackup(davit, first, "*.txt", page, forever)).total).toBe(0);
  });

  it("tells what is different from another one, all of it or of one kind", async () => {
    const { davit, path } = await twoBackups();
    const all = await compareBackups(davit, { id: second, before: first, kind: null }, page, forever);
    expect(all).toMatchObject({
      id: second,
      with: first,
      counts: { added: 1, changed: 1, removed: 1 },
      total: 3,
      more: false,
    });
    expect(all.changes.map((one) => [one.path.slice(path.length), one.kind, one.what])).toEqual([
      ["/photos/added %2e\n.txt", "added", []],
      ["/photos/changed", "changed", ["content"]],
      ["/photos/removed", "removed", []],
    ]);
    expect(all.changes[1]).toMatchObject({ now: { size: 9 }, before: { size: 7 } });
    const removed = await compareBackups(davit, { id: second, before: first, kind: "removed" }, page, forever);
    expect(removed).toMatchObject({ total: 1, counts: { added: 1 }, changes: [{ before: { size: 7 }, now: null }] });
    const paged = { skip: 1, limit: 1 };
    const middle = await compareBackups(davit, { id: second, before: first, kind: null }, paged, forever);
    expect(middle).toMatchObject({ total: 3, more: true, changes: [{ kind: "changed" }] });
  });

  it("is not fooled by another backup that comes under the same id", async () => {
    const { davit, vault, path } = await twoBackups();
    await browseFolder(davit, first, "", page, forever);
    renameSync(join(vault, first), join(vault, "aside"));
    renameSync(join(vault, second), join(vault, first));
    const photos = await browseFolder(davit, first, `${path}/photos`, page, forever);
    expect(photos.entries.map(({ name }) => name)).toEqual(["added %2e\n.txt", "changed", "kept"]);
  });
});
