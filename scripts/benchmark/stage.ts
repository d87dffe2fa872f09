import { join } from "node:path";
import { archiveSources } from "../../src/archive/archive-sources.ts";
import { formatVersion, type Manifest } from "../../src/contract/manifest.ts";
import { readManifest } from "../../src/format/read-manifest.ts";
import { extractBackup } from "../../src/restore/extract-backup.ts";
import { sealBackup } from "../../src/seal/seal-backup.ts";
import { verifyBackup } from "../../src/verify/verify-backup.ts";

/*
 * One stage of Davit as a process of its own, so that its time and memory can be measured like any other program's:
 *   stage.ts archive TREE FOLDER | extract BACKUP TARGET [PATH] | verify BACKUP
 * `archive` makes FOLDER/sealed of FOLDER/partial, as a backup does.
 */

async function archive(tree: string, folder: string): Promise<void> {
  const partial = join(folder, "partial");
  const started = new Date().toISOString();
  const { skipped: _, ...written } = await archiveSources({
    module: "bench",
    sources: [tree],
    exclude: [],
    skip: [],
    compression: { type: "gzip", level: 6 },
    folder: partial,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const manifest: Manifest = {
    format: formatVersion,
    module: "bench",
    time: "20261122T020000Z",
    davit: "bench",
    host: { id: "bench", name: "bench" },
    started,
    held: null,
    released: null,
    sealed: new Date().toISOString(),
    hold: { mode: "live", ms: null, consistent: false },
    sources: [],
    containers: [],
    ...written,
    warnings: [],
  };
  await sealBackup({ partial, folder: join(folder, "sealed"), manifest, containers: [], compose: "" });
}

async function extract(folder: string, target: string, path: string | undefined): Promise<void> {
  const manifest = await readManifest(folder);
  await extractBackup({ folder, manifest, target, ...(path === undefined ? {} : { select: [path] }) });
}

const [stage, from = "", to = "", path] = process.argv.slice(2);
if (stage === "archive") await archive(from, to);
else if (stage === "extract") await extract(from, to, path);
else if (stage === "verify") await verifyBackup({ folder: from });
else throw new Error(`no stage: ${stage}`);
