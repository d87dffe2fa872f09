import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BackupRow } from "../../src/contract/api.ts";
import type { Evidence } from "../../src/contract/manifest.ts";
import { openVault } from "../../src/vault/open-vault.ts";
import { rememberRows, type RowMemory } from "../../src/vault/remember-rows.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { buildBackup } from "../fixtures/tar-builder.ts";

const time = "20261122T020000Z";
const id = `m/${time}`;
const verified: Evidence = { kind: "verified", at: "2026-11-22T03:00:00Z", ok: true, ms: 9 };

/** A vault with one sound backup. */
async function vaultWithOne(): Promise<string> {
  const dir = await scratchFolder();
  await buildBackup(join(dir, id), [{ path: "srv/a", content: "x" }]);
  return dir;
}

/** A second backup of the module; its manifest says which one it is. */
async function addAnother(dir: string, other: string): Promise<void> {
  const manifest = await buildBackup(join(dir, "m", other), []);
  writeFileSync(join(dir, "m", other, "manifest.json"), JSON.stringify({ ...manifest, time: other }));
}

async function listed(rows: RowMemory): Promise<BackupRow[]> {
  return [...(await rows.list()).values()].flat();
}

describe("the rows of a vault", () => {
  it("are those of its backups, newest first, and the same again where nothing has changed", async () => {
    const dir = await vaultWithOne();
    await addAnother(dir, "20261123T020000Z");
    const { rows } = openVault(dir);
    const byModule = await rows.list();
    const first = [...byModule.values()].flat();
    expect(first.map((row) => [row.id, row.problem])).toEqual([
      ["m/20261123T020000Z", null],
      [id, null],
    ]);
    expect((await rows.list()).get("m")).toBe(byModule.get("m"));
    expect(await rows.listOf("m")).toEqual(first);
    expect(await rows.listOf("other")).toEqual([]);
  });

  it("have evidence that was added meanwhile, by this process or another", async () => {
    const dir = await vaultWithOne();
    const vault = openVault(dir);
    expect((await listed(vault.rows))[0]?.evidence).toEqual([]);
    await vault.appendEvidence(id, verified);
    expect((await listed(vault.rows))[0]?.evidence).toEqual([verified]);
    appendFileSync(join(dir, id, "evidence.ndjson"), `${JSON.stringify({ ...verified, ok: false })}\n`);
    expect((await listed(vault.rows))[0]?.evidence).toHaveLength(2);
    expect((await vault.rows.listOf("m"))[0]?.evidence).toHaveLength(2);
  });

  it("have a backup that was sealed meanwhile, and not one that was removed", async () => {
    const dir = await vaultWithOne();
    const vault = openVault(dir);
    await listed(vault.rows);
    await addAnother(dir, "20261123T020000Z");
    expect((await listed(vault.rows)).map((row) => row.time)).toEqual(["20261123T020000Z", time]);
    await vault.remove(id);
    expect((await listed(vault.rows)).map((row) => row.time)).toEqual(["20261123T020000Z"]);
    rmSync(join(dir, "m"), { recursive: true });
    expect(await listed(vault.rows)).toEqual([]);
  });

  it("tell what is wrong with a backup, and that it is mended", async () => {
    const dir = await vaultWithOne();
    const { rows } = openVault(dir);
    expect((await listed(rows))[0]?.problem).toBeNull();
    rmSync(join(dir, id, "m.tar.gz"));
    expect((await listed(rows))[0]?.problem).toBe("m.tar.gz is missing");
    await buildBackup(join(dir, id), [{ path: "srv/a", content: "x" }]);
    expect((await listed(rows))[0]?.problem).toBeNull();
  });

  it.each([
    ["that is no JSON", "{", "manifest.json is damaged: it is not JSON"],
    ["of a newer format", '{"format":2}', expect.stringContaining("update Davit")],
    ["with nothing in it", "{}", expect.stringContaining("damaged")],
  ])("tell of a manifest %s", async (_, text, problem) => {
    const dir = await vaultWithOne();
    writeFileSync(join(dir, id, "manifest.json"), text);
    const [row] = await listed(openVault(dir).rows);
    expect(row).toMatchObject({ id, problem, sealed: null, bytesOut: null });
  });

  it("leave out what is no backup's folder", async () => {
    const dir = await vaultWithOne();
    mkdirSync(join(dir, "m", ".20261124T020000Z.partial"));
    mkdirSync(join(dir, "m", "notes"));
    writeFileSync(join(dir, "m", "20261125T020000Z"), "a file");
    expect((await listed(openVault(dir).rows)).map((row) => row.id)).toEqual([id]);
  });

  it("of a vault that can't be read are a failure, each time until it can", async () => {
    const dir = join(await scratchFolder(), "vault");
    const { rows } = openVault(dir);
    await expect(rows.list()).rejects.toMatchObject({ kind: "storage" });
    await buildBackup(join(dir, id), []);
    expect(await listed(rows)).toHaveLength(1);
  });
});

describe("the rows of a vault that takes long to look at", () => {
  /** Each look at the clock is half a second later. */
  async function slowVault() {
    const dir = await vaultWithOne();
    let now = 0;
    let lists = 0;
    const ids = async (): Promise<string[]> => {
      lists += 1;
      now += 500;
      return (await readdir(join(dir, "m")))
        .toSorted()
        .toReversed()
        .map((one) => `m/${one}`);
    };
    const rows = rememberRows(dir, { modules: async () => ["m"], ids }, () => now);
    return { dir, rows, lists: () => lists, pass: (ms: number) => (now += ms) };
  }

  it("have new backups at once, and lack removed ones", async () => {
    const { dir, rows } = await slowVault();
    await listed(rows);
    await addAnother(dir, "20261123T020000Z");
    expect((await listed(rows)).map((row) => row.time)).toEqual(["20261123T020000Z", time]);
    rmSync(join(dir, id), { recursive: true });
    expect((await listed(rows)).map((row) => row.time)).toEqual(["20261123T020000Z"]);
  });

  it("have other news after a rest of nine times as long, or of one module at once", async () => {
    const { dir, rows, pass } = await slowVault();
    await listed(rows);
    appendFileSync(join(dir, id, "evidence.ndjson"), `${JSON.stringify(verified)}\n`);
    expect((await listed(rows))[0]?.evidence).toEqual([]);
    expect((await rows.listOf("m"))[0]?.evidence).toEqual([verified]);
    appendFileSync(join(dir, id, "evidence.ndjson"), `${JSON.stringify(verified)}\n`);
    expect((await listed(rows))[0]?.evidence).toHaveLength(1);
    pass(4500);
    expect((await listed(rows))[0]?.evidence).toHaveLength(2);
  });

  it("are looked at once for all who ask at the same time", async () => {
    const { rows, lists } = await slowVault();
    const [one, other] = await Promise.all([rows.list(), rows.list()]);
    expect(one).toBe(other);
    expect(lists()).toBe(1);
  });
});
