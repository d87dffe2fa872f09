import { join } from "node:path";
import { formatVersion, type Manifest } from "../../src/contract/manifest.ts";

/*
 * One stage of Davit as a process of its own, so that its time and memory can be measured like any other program's:
 *   stage.ts archive TREE FOLDER | extract BACKUP TARGET [PATH] | verify BACKUP
 * `archive` makes FOLDER/sealed of FOLDER/partial, as a backup does. Each loads only what it needs: a third of the time that
 * one file takes is the loading of modules.
 */

async function archive(tree: string, folder: string): Promise<void> {
  const { openArchive } = await import("../../src/archive/open-archive.ts");
  const { sealBackup } = await import("../../src/seal/seal-backup.ts");
  const partial = join(folder, "partial");
  const started = new Date().toISOString();
  const session = await openArchive({
    module: "bench",
    sources: [tree],
    exclude: [],
    skip: [],
    compression: { type: "gzip", level: 6 },
    folder: partial,
    repeats: false,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await session.pass("live");
  const { skipped: _, ...written } = await session.finish();
  await session.close();
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
  await sealBackup({
    partial,
    folder: join(folder, "sealed"),
    manifest,
    containers: [],
    networks: [],
    volumes: [],
    compose: "",
  });
}

async function extract(folder: string, target: string, path: string | undefined): Promise<void> {
  const { readManifest } = await import("../../src/format/read-manifest.ts");
  const { extractBackup } = await import("../../src/restore/extract-backup.ts");
  const manifest = await readManifest(folder);
  await extractBackup({ folder, manifest, target, ...(path === undefined ? {} : { select: [path] }) });
}

async function verify(folder: string): Promise<void> {
  const { verifyBackup } = await import("../../src/verify/verify-backup.ts");
  await verifyBackup({ folder });
}

const [stage, from = "", to = "", path] = process.argv.slice(2);
if (stage === "archive") await archive(from, to);
else if (stage === "extract") await extract(from, to, path);
else if (stage === "verify") await verify(from);
else throw new Error(`no stage: ${stage}`);
