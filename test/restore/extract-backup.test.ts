import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readManifest } from "../../src/format/read-manifest.ts";
import { extractBackup } from "../../src/restore/extract-backup.ts";
import { verifyBackup } from "../../src/verify/verify-backup.ts";
import type { Compression } from "../../src/contract/settings.ts";
import { sealBackup } from "../../src/seal/seal-backup.ts";
import { archiveFolder } from "../fixtures/archive-folder.ts";
import { buildBackup } from "../fixtures/tar-builder.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "davit-restore-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const compressions: Compression[] = [{ type: "gzip", level: 6 }, { type: "zstd", level: 3 }, { type: "none" }];

describe("a restored tree", () => {
  it.each(compressions)("equals the original in everything that rsync compares ($type)", async (compression) => {
    const source = join(root, "source");
    await makeRichTree(source);
    const folder = await backup(source, compression);
    const verified = await verifyBackup({ folder });
    const target = join(root, "target");
    const result = await extractBackup({ folder, manifest: await readManifest(folder), target });
    expect(differences(source, join(target, source))).toBe("");
    expect(result.notes).toEqual([]);
    expect(verified.entries).toBe(result.entries);
  });
});

async function makeRichTree(source: string): Promise<void> {
  await mkdir(source);
  const script = `
    mkdir -p empty deep/er/still read-only sticky $(printf 'a%.0s' $(seq 200))/$(printf 'b%.0s' $(seq 200))
    head -c 5000000 /dev/urandom > deep/big; head -c 3000000 /dev/zero > deep/zeros; : > empty-file
    printf 'x' > $(printf 'name-\\303\\251'); printf 'y' > $(printf 'not-utf8-\\377\\376'); printf 'z' > 'back\\slash'
    printf n > "$(printf 'new\\nline')"; printf s > 'C: a  space '
    echo one > first; ln first second; ln first deep/third; chown 3000000:4000000 first
    ln -s ../nowhere dangling; ln -s /etc/passwd absolute; chown -h 12:34 absolute; ln absolute absolute-again
    mkfifo -m 620 pipe; touch -h -d '1969-12-31 23:59:58.123456789 UTC' absolute
    touch -d '1960-01-01 00:00:00.5 UTC' deep/zeros; touch -d '2033-05-18 03:33:20.987654321 UTC' deep/big
    echo a > acl; setfacl -m u:1234:rwx,g:55:r acl; setfacl -d -m u:99:rx deep; setfacl -m u:99:rwx deep
    setfattr -n user.note -v 0x00ff0a3d acl; setfattr -n trusted.t -v t first; setfattr -h -n trusted.l -v l absolute
    cp /bin/true cap; setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 cap; chmod 6755 cap
    truncate -s 40000000 sparse; printf data | dd of=sparse bs=1 seek=20000000 conv=notrunc status=none
    truncate -s 9000000 only-hole; printf tail | dd of=ends bs=1 seek=7000000 status=none
    chmod 1777 sticky; echo r > read-only/file; chmod 444 read-only/file; chmod 555 read-only; chown 7:8 read-only
    touch -d '2001-02-03 04:05:06.789 UTC' empty read-only deep .
  `;
  execFileSync("bash", ["-ec", script], { cwd: source });
}

async function backup(source: string, compression: Compression): Promise<string> {
  const partial = join(root, "partial");
  const archived = await archiveFolder(source, partial, { module: "m", compression });
  const scratch = join(root, "scratch");
  const template = await buildBackup(scratch, []);
  const { skipped: _, ...part } = archived;
  const folder = join(root, "sealed");
  await sealBackup({
    partial,
    folder,
    manifest: { ...template, ...part },
    containers: [],
    networks: [],
    volumes: [],
    compose: "services: {}\n",
  });
  return folder;
}

/** What differs between two trees: names, types, contents, owners, modes, times (ns), links, ACLs, attributes. */
function differences(one: string, other: string): string {
  const list = (tree: string): string =>
    execFileSync(
      "bash",
      [
        "-ec",
        `find . -printf '%P %y %m %U:%G %n %T@ %l\\0' | sort -z | tr '\\0' '\\n'
         find . -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex --
         find . -type f -print0 | sort -z | xargs -0 sha256sum --`,
      ],
      { cwd: tree, encoding: "latin1", maxBuffer: 1e8 },
    );
  return list(one) === list(other) ? "" : `${list(one)}\n=== is not ===\n${list(other)}`;
}
