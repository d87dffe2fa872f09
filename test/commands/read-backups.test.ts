import { link, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openVault } from "../../src/vault/open-vault.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { makeScene } from "./scene.ts";

describe("davit list", () => {
  test("says plainly that the vault is empty", async () => {
    const { davit, vault } = await makeScene();
    expect(await davit("list")).toEqual({
      code: 0,
      stdout: `the vault ${vault} holds no backups yet; \`davit backup --all\` makes the first\n`,
      stderr: "",
    });
    expect(await davit("list", "--json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });

  test("shows each backup with its amounts and rungs of proof, newest first", async () => {
    const { davit, backup, vault } = await makeScene();
    await backup("nas", "20261121T020000Z");
    await backup("nas", "20261122T020000Z");
    await backup("wiki", "20261120T020000Z");
    const proof = { at: new Date().toISOString(), ms: 12 };
    await openVault(vault).appendEvidence("nas/20261121T020000Z", { ...proof, kind: "verified", ok: true });
    await openVault(vault).appendEvidence("wiki/20261120T020000Z", {
      ...proof,
      kind: "verified",
      ok: false,
      detail: "one file differs",
    });
    const { stdout } = await davit("list");
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^BACKUP +AGE +FILES +BYTES IN -> OUT +HELD +PROOF$/u);
    expect(lines[1]).toMatch(/^nas\/20261122T020000Z .+ 2 {2}293\.0 KiB -> \S+ \S+ {2}340 ms {2}sealed$/u);
    expect(lines[2]).toMatch(/^nas\/20261121T020000Z .+ sealed, verified just now$/u);
    expect(lines[3]).toMatch(/^wiki\/20261120T020000Z .+ sealed, NOT verified just now: one file differs$/u);
    const json = JSON.parse((await davit("list", "wiki", "--json")).stdout);
    expect(json).toMatchObject([{ id: "wiki/20261120T020000Z", entries: 4, bytesIn: 300_018, problem: null }]);
  });

  test("a module that has none is missing, with the nearest that has", async () => {
    const { davit, backup } = await makeScene();
    await backup("nas", "20261121T020000Z");
    expect(await davit("list", "naz")).toEqual({
      code: 4,
      stdout: "",
      stderr: "davit: there is no backup of naz\n  hint: did you mean nas? there are backups of nas\n",
    });
  });
});

describe("davit files", () => {
  test("lists a backup as ls -l does, in the zone of TZ", async () => {
    const { davit, backup, source } = await makeScene();
    await link(join(source, "notes.txt"), join(source, "second"));
    await symlink("notes.txt", join(source, "pointer"));
    await runTool(
      "bash",
      "-ec",
      `cd '${source}'; chown 1000:33 deep/data; chmod 4750 deep/data; touch -h -d @1000000000 * deep/*`,
    );
    await backup("nas", "20261122T020000Z");
    const { code, stdout } = await davit("files", "nas@latest");
    expect(code).toBe(0);
    const at = "2001-09-09 03:46:40";
    expect(stdout.split("\n").slice(1)).toEqual([
      `drwxr-xr-x 0:0                    0 ${at} ${source}/deep`,
      `-rwsr-x--- 1000:33           300000 ${at} ${source}/deep/data`,
      `-rw-r--r-- 0:0                   18 ${at} ${source}/notes.txt`,
      `lrwxrwxrwx 0:0                    0 ${at} ${source}/pointer -> notes.txt`,
      `hrw-r--r-- 0:0                    0 ${at} ${source}/second link to ${source}/notes.txt`,
      "",
    ]);
  });

  test("lists what is at a path and below it, with or without slashes at its ends, as text or one JSON object a line", async () => {
    const { davit, backup, source } = await makeScene();
    await mkdir(join(source, "deeper"));
    await backup("nas", "20261122T020000Z");
    for (const path of [`${source}/deep`, `${source.slice(1)}/deep/`]) {
      const { stdout } = await davit("files", "nas/20261122T020000Z", path, "--json");
      const found = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(found.map((one) => `/${one.path}`)).toEqual([`${source}/deep`, `${source}/deep/data`]);
      expect(found[1]).toMatchObject({ type: "file", size: 300_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) });
    }
  });

  test("a path that is not there is missing, with the nearest that is", async () => {
    const { davit, backup, source } = await makeScene();
    await backup("nas", "20261122T020000Z");
    expect(await davit("files", "nas@latest", `${source}/deeep/data`)).toEqual({
      code: 4,
      stdout: "",
      stderr: `davit: nas/20261122T020000Z holds nothing at ${source}/deeep/data\n  hint: did you mean ${source}/deep/data?\n`,
    });
    expect((await davit("files", "nas@latest", "/deep/data")).stderr).toContain(`did you mean ${source}/deep/data?`);
    expect((await davit("files", "nas@latest", `${source}/wholly/other`)).stderr).toContain(
      `\`davit files nas/20261122T020000Z ${source}\` lists what it holds`,
    );
  });

  test("ends quietly when its reader goes away", async () => {
    const { shell, backup, source } = await makeScene();
    await Promise.all(Array.from({ length: 3000 }, async (_, at) => writeFile(join(source, `file-${at}`), "")));
    await backup("nas", "20261122T020000Z");
    const ran = await shell('set -o pipefail; davit files nas@latest | head -n 1; echo "${PIPESTATUS[0]}"');
    expect(ran).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/nas\n0\n$/u) });
  });
});

describe("davit cat", () => {
  test("writes a file's bytes, of a hard link those of the file that it names, of a sparse file the holes as well", async () => {
    const { davit, shell, backup, source } = await makeScene();
    await link(join(source, "notes.txt"), join(source, "second"));
    await runTool("truncate", "-s", "3M", join(source, "sparse"));
    await runTool("bash", "-c", `printf end >> '${source}/sparse'`);
    await backup("nas", "20261122T020000Z");
    for (const name of ["notes.txt", "second"])
      expect(await davit("cat", "nas@latest", join(source, name))).toEqual({
        code: 0,
        stdout: "remember the milk\n",
        stderr: "",
      });
    for (const name of ["sparse", "deep/data"])
      expect(await shell(`davit cat nas@latest ${source}/${name} | cmp - ${source}/${name}`)).toMatchObject({
        code: 0,
        stdout: "",
      });
  });

  test("with --json gives the entry instead", async () => {
    const { davit, backup, source } = await makeScene();
    await backup("nas", "20261122T020000Z");
    const { stdout } = await davit("cat", "--json", "nas@latest", `${source}/notes.txt`);
    expect(JSON.parse(stdout)).toMatchObject({ path: `${source.slice(1)}/notes.txt`, type: "file", size: 18 });
  });

  test.each([
    ["deep", "is a directory", "`davit files` lists what is below it"],
    ["pointer", "is a symbolic link", "it points at notes.txt"],
    ["pipe", "is a FIFO, which has no content", ""],
  ])("refuses %s, which %s", async (name, message, hint) => {
    const { davit, backup, source } = await makeScene();
    await symlink("notes.txt", join(source, "pointer"));
    await runTool("mkfifo", join(source, "pipe"));
    await backup("nas", "20261122T020000Z");
    const { code, stdout, stderr } = await davit("cat", "nas@latest", join(source, name));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`${source}/${name} ${message}\n`);
    expect(stderr).toContain(hint);
  });
});

describe("a name that is not UTF-8", () => {
  test("is shown as tar shows it, and is found by its bytes", async () => {
    const { shell, backup, source } = await makeScene();
    await shell(
      `printf one > ${source}/$'odd-\\xff'; printf two > ${source}/$'odd-\\xfe'; : > ${source}/$'new\\nline'`,
    );
    await backup("nas", "20261122T020000Z");
    const { stdout } = await shell("davit files nas@latest");
    expect(stdout).toContain(`${source}/odd-\\377\n`);
    expect(stdout).toContain(`${source}/new\\nline\n`);
    expect(stdout).toBe((await shell(`davit files nas@latest | iconv -f UTF-8 -t UTF-8`)).stdout);
    for (const [byte, content] of [
      ["\\xff", "one"],
      ["\\xfe", "two"],
    ]) {
      expect(await shell(`davit cat nas@latest ${source}/$'odd-${byte}'`)).toEqual({
        code: 0,
        stdout: content,
        stderr: "",
      });
      expect((await shell(`davit files nas@latest ${source}/$'odd-${byte}' | wc -l`)).stdout.trim()).toBe("1");
    }
    const json = await shell(`davit cat --json nas@latest ${source}/$'odd-\\xff'`);
    expect(Buffer.from(JSON.parse(json.stdout).path64, "base64").at(-1)).toBe(0xff);
    expect((await shell(`davit cat nas@latest ${source}/$'odd-\\xfd'`)).code).toBe(4);
  });
});

describe("a backup that is not there or damaged", () => {
  test("is missing, with those close to it", async () => {
    const { davit, backup } = await makeScene();
    await backup("nas", "20261122T020000Z");
    expect(await davit("files", "nas/20261123T020000Z")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("hint: nas has 1; close to it: nas/20261122T020000Z"),
    });
    expect(await davit("cat", "nax@latest", "/a")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("did you mean nas?"),
    });
  });

  test.each<[string, (folder: string) => Promise<void>, RegExp]>([
    ["no manifest", (folder) => rm(join(folder, "manifest.json")), /manifest\.json is missing/u],
    [
      "a manifest that is no JSON",
      (folder) => writeFile(join(folder, "manifest.json"), "{"),
      /manifest\.json is damaged/u,
    ],
    [
      "a newer format",
      (folder) => writeFile(join(folder, "manifest.json"), '{"format":2}'),
      /written by a newer Davit \(format 2.+\n {2}hint: .+RESTORE\.txt/su,
    ],
    [
      "a truncated index",
      (folder) => truncate(join(folder, "index.ndjson.gz"), 100),
      /index\.ndjson\.gz can't be decomp/u,
    ],
    ["no index", (folder) => rm(join(folder, "index.ndjson.gz")), /index\.ndjson\.gz is not there/u],
  ])("with %s is refused, is listed with the reason, and hides no other", async (_, harm, message) => {
    const { davit, backup, source } = await makeScene();
    await backup("nas", "20261121T020000Z");
    const folder = await backup("nas", "20261122T020000Z");
    await harm(folder);
    const ran = await davit("cat", "nas/20261122T020000Z", `${source}/zzz`);
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code: 8, stdout: "" });
    const { stdout } = await davit("list");
    expect(stdout).toContain("nas/20261121T020000Z");
    expect(stdout).toContain("nas/20261122T020000Z");
  });

  test("with a truncated archive is listed with the reason, lists its files, and gives what is left of it", async () => {
    const { davit, backup, source } = await makeScene();
    await writeFile(
      join(source, "zeta"),
      Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at * 7919) % 251)),
    );
    const folder = await backup("nas", "20261122T020000Z", { compression: { type: "none" } });
    await truncate(join(folder, "nas.tar"), 310_000);
    expect((await davit("list")).stdout).toMatch(/PROBLEM: nas\.tar has 310000 bytes instead of \d+$/mu);
    expect((await davit("files", "nas/20261122T020000Z")).code).toBe(0);
    expect((await davit("cat", "nas/20261122T020000Z", `${source}/deep/data`)).code).toBe(0);
    const ran = await davit("cat", "nas/20261122T020000Z", `${source}/zeta`);
    expect(ran).toMatchObject({ code: 8, stderr: expect.stringContaining("ends too early") });
    expect(await davit("files", "nas@latest")).toMatchObject({
      code: 8,
      stderr: expect.stringContaining("none of the 1"),
    });
  });
});
