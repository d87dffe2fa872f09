import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Evidence, Manifest } from "../../src/contract/manifest.ts";
import { openVault, type Vault } from "../../src/vault/open-vault.ts";

let dir: string;
let vault: Vault;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "davit-vault-"));
  vault = openVault(dir, () => new Date("2026-11-23T12:00:00Z"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("listing backups", () => {
  it("shows sealed backups of all modules, newest first within each", async () => {
    await seal("web", "20261121T020000Z");
    await seal("nas", "20261122T020000Z");
    await seal("nas", "20261123T020000Z");
    expect((await vault.list()).map((one) => one.id)).toEqual([
      "nas/20261123T020000Z",
      "nas/20261122T020000Z",
      "web/20261121T020000Z",
    ]);
    expect((await vault.list("web")).map((one) => [one.problem, one.manifest?.module])).toEqual([[null, "web"]]);
    expect(await vault.list("mail")).toEqual([]);
  });

  it("never shows a backup that is being written or removed, nor other files", async () => {
    await vault.createPartial("nas", new Date("2026-11-23T02:00:00Z"));
    await mkdir(path.join(dir, "nas", ".20261122T020000Z.removing"));
    await mkdir(path.join(dir, "nas", "notes"));
    await writeFile(path.join(dir, "nas", "20261120T020000Z"), "a file");
    await vault.writeRestoreNote();
    expect(await vault.list()).toEqual([]);
  });

  it.each<[string, (folder: string) => Promise<void>, RegExp]>([
    ["no manifest", (folder) => rm(path.join(folder, "manifest.json")), /^manifest\.json is missing$/u],
    ["a manifest that is no JSON", (folder) => writeFile(path.join(folder, "manifest.json"), "{"), /is not JSON/u],
    [
      "a manifest of a newer Davit",
      (folder) => writeFile(path.join(folder, "manifest.json"), '{"format":2,"new":true}'),
      /newer Davit \(format 2/u,
    ],
    [
      "a manifest with a field missing",
      (folder) => writeFile(path.join(folder, "manifest.json"), '{"format":1}'),
      /damaged: module/u,
    ],
    ["no archive", (folder) => rm(path.join(folder, "nas.tar.gz")), /^nas\.tar\.gz is missing$/u],
    ["a truncated archive", (folder) => writeFile(path.join(folder, "nas.tar.gz"), "ab"), /has 2 bytes instead of 7$/u],
    ["no index", (folder) => rm(path.join(folder, "index.ndjson.gz")), /^index\.ndjson\.gz is missing$/u],
    ["no checksums", (folder) => rm(path.join(folder, "SHA256SUMS")), /^SHA256SUMS is missing$/u],
  ])("says what is wrong with a backup that has %s, and shows the others", async (_, harm, problem) => {
    await harm(await seal("nas", "20261122T020000Z"));
    await seal("nas", "20261121T020000Z");
    const [broken, sound] = await vault.list("nas");
    expect(broken?.problem).toMatch(problem);
    expect(sound?.problem).toBeNull();
  });

  it("says when a backup's folder was renamed", async () => {
    const folder = await seal("nas", "20261122T020000Z");
    await rename(folder, path.join(dir, "nas", "20261101T020000Z"));
    expect((await vault.list())[0]?.problem).toContain("that of nas/20261122T020000Z");
  });

  it("says which vault is not there", async () => {
    await expect(openVault("/nowhere/vault").list()).rejects.toMatchObject({
      kind: "storage",
      message: expect.stringContaining("/nowhere/vault"),
      hint: expect.stringContaining("mounted"),
    });
  });
});

describe("naming a backup", () => {
  it("finds a backup by its id and the latest of a module", async () => {
    await seal("nas", "20261122T020000Z");
    await seal("nas", "20261123T020000Z");
    expect((await vault.resolve("nas/20261122T020000Z")).time).toBe("20261122T020000Z");
    expect((await vault.resolve("nas@latest")).time).toBe("20261123T020000Z");
  });

  it("takes as the latest one that can be used and was not made by a clock that was ahead", async () => {
    await seal("nas", "20261122T020000Z");
    await rm(path.join(await seal("nas", "20261123T020000Z"), "manifest.json"));
    await seal("nas", "20990101T000000Z");
    expect((await vault.resolve("nas@latest")).time).toBe("20261122T020000Z");
  });

  it("names close backups and modules where there is no such one", async () => {
    for (const time of ["20261101T020000Z", "20261120T020000Z", "20261122T020000Z"]) await seal("nas", time);
    await expect(vault.resolve("nas/20261121T020000Z")).rejects.toMatchObject({
      kind: "missing",
      hint: expect.stringContaining("nas/20261122T020000Z"),
    });
    await expect(vault.resolve("nass@latest")).rejects.toMatchObject({
      kind: "missing",
      hint: expect.stringContaining("did you mean nas?"),
    });
  });

  it.each(["nas", "nas/", "../etc/20261122T020000Z", "nas/..", "nas/20261122T020000Z/x", "nas@newest", "/", ""])(
    "refuses %j as an id",
    async (id) => {
      await expect(vault.resolve(id)).rejects.toMatchObject({ kind: "usage" });
      expect(() => vault.folder(id)).toThrow(expect.objectContaining({ kind: "usage" }));
    },
  );
});

describe("writing into the vault", () => {
  it("gives two backups of one second names of their own", async () => {
    const at = new Date("2026-11-22T02:00:00.700Z");
    await seal("nas", "20261122T020000Z");
    const names = [await vault.createPartial("nas", at), await vault.createPartial("nas", at)];
    expect(names.map((name) => path.basename(name))).toEqual([
      ".20261122T020001Z.partial",
      ".20261122T020002Z.partial",
    ]);
  });

  it("makes no vault where none is mounted", async () => {
    const missing = path.join(dir, "not-mounted");
    await expect(openVault(missing).createPartial("nas", new Date())).rejects.toMatchObject({ kind: "storage" });
    expect(await readdir(dir)).toEqual([]);
  });

  it("sweeps what a crash left, but nothing that a run owns", async () => {
    await vault.createPartial("nas", new Date());
    await vault.createPartial("web", new Date());
    await mkdir(path.join(dir, "web", ".20261122T020000Z.removing", "deep"), { recursive: true });
    await seal("nas", "20261122T020000Z");
    const swept = await vault.sweepPartials((module) => module === "web");
    expect(swept).toHaveLength(2);
    expect(await readdir(path.join(dir, "nas"))).toEqual(["20261122T020000Z"]);
    expect(await readdir(path.join(dir, "web"))).toHaveLength(1);
  });

  it("removes a backup whole, and says when it is not there", async () => {
    await seal("nas", "20261122T020000Z");
    await vault.remove("nas/20261122T020000Z");
    expect(await readdir(path.join(dir, "nas"))).toEqual([]);
    await expect(vault.remove("nas/20261122T020000Z")).rejects.toMatchObject({ kind: "missing" });
  });

  it("appends evidence, also after a line that a crash tore", async () => {
    const folder = await seal("nas", "20261122T020000Z");
    const verified: Evidence = { kind: "verified", at: "2026-11-22T03:00:00Z", ok: true, ms: 12 };
    const drilled: Evidence = { kind: "drilled", at: "2026-11-22T04:00:00Z", ok: false, ms: 3, detail: "no answer" };
    await vault.appendEvidence("nas/20261122T020000Z", verified);
    await appendFile(path.join(folder, "evidence.ndjson"), '{"kind":"ver');
    await vault.appendEvidence("nas/20261122T020000Z", drilled);
    expect((await vault.resolve("nas@latest")).evidence).toEqual([verified, drilled]);
    await expect(vault.appendEvidence("nas/20261101T020000Z", verified)).rejects.toMatchObject({ kind: "missing" });
  });

  it("knows the free space, and leaves a restore note that it does not rewrite for nothing", async () => {
    expect(await vault.freeBytes()).toBeGreaterThan(0);
    await vault.writeRestoreNote();
    const note = path.join(dir, "RESTORE.txt");
    expect(await readFile(note, "utf8")).toContain("sha256sum -c SHA256SUMS");
    await chmod(note, 0o604);
    await vault.writeRestoreNote();
    expect(await readdir(dir)).toEqual(["RESTORE.txt"]);
  });
});

async function seal(module: string, time: string): Promise<string> {
  const folder = path.join(dir, module, time);
  await mkdir(folder, { recursive: true });
  const archive = "archive";
  const manifest: Manifest = {
    format: 1,
    module,
    time,
    davit: "0.1.0",
    host: { id: "a", name: "host" },
    started: "2026-11-22T02:00:00Z",
    held: null,
    released: null,
    sealed: "2026-11-22T02:00:00Z",
    hold: { mode: "live", ms: null, consistent: false },
    sources: [],
    containers: [],
    archive: {
      file: `${module}.tar.gz`,
      compression: { type: "gzip", level: 6 },
      sha256: "0".repeat(64),
      bytes: archive.length,
    },
    index: { file: "index.ndjson.gz", sha256: "0".repeat(64), entries: 0 },
    counts: { files: 0, directories: 0, symlinks: 0, hardLinks: 0, fifos: 0, bytesIn: 0, bytesOut: 0 },
    excluded: [],
    changed: [],
    changedTotal: 0,
    warnings: [],
  };
  await writeFile(path.join(folder, `${module}.tar.gz`), archive);
  await writeFile(path.join(folder, "index.ndjson.gz"), "");
  await writeFile(path.join(folder, "SHA256SUMS"), "");
  await writeFile(path.join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
}
