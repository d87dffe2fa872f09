import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { backupId, formatBackupTime } from "../../../src/contract/backup-id.ts";
import { type Evidence, formatVersion, type Manifest } from "../../../src/contract/manifest.ts";
import { createDice } from "../content.ts";

const day = 86_400_000;

/** The names of so many modules. */
export function moduleNames(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `module-${String(number).padStart(3, "0")}`);
}

/**
 * Fills a vault with so many backups of each module, a day apart up to `now`: folders as they are sealed, with a tiny archive,
 * that list and overview read like any other. One of ten was verified, one of fifty drilled.
 */
export function makeVault(vault: string, modules: readonly string[], each: number, now: Date): void {
  const dice = createDice(4);
  const archive = gzipSync(Buffer.alloc(1024));
  const index = gzipSync("");
  for (const module of modules) {
    for (let age = 0; age < each; age += 1) {
      const sealed = new Date(now.getTime() - age * day - dice(3_600_000));
      const time = formatBackupTime(sealed);
      const folder = join(vault, backupId(module, time));
      mkdirSync(folder, { recursive: true });
      const manifest = JSON.stringify(
        manifestOf({ module, time, sealed, archive, index, bytesIn: dice(1e9) }),
        null,
        2,
      );
      const files = new Map<string, Buffer>([
        [`${module}.tar.gz`, archive],
        ["index.ndjson.gz", index],
        ["containers.json", Buffer.from("[]\n")],
        ["compose.yaml", Buffer.from("services: {}\n")],
        ["manifest.json", Buffer.from(`${manifest}\n`)],
      ]);
      for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
      const sums = [...files].map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join("");
      writeFileSync(join(folder, "SHA256SUMS"), sums);
      const at = new Date(sealed.getTime() + day / 2).toISOString();
      const evidence: Evidence[] = [];
      if (age % 10 === 0) evidence.push({ kind: "verified", at, ok: true, ms: 900 });
      if (age % 50 === 0) evidence.push({ kind: "drilled", at, ok: true, ms: 41_000, findings: [] });
      const lines = evidence.map((one) => `${JSON.stringify(one)}\n`).join("");
      if (lines !== "") writeFileSync(join(folder, "evidence.ndjson"), lines);
    }
  }
}

interface Sealed {
  module: string;
  time: string;
  sealed: Date;
  archive: Buffer;
  index: Buffer;
  bytesIn: number;
}

function manifestOf({ module, time, sealed, archive, index, bytesIn }: Sealed): Manifest {
  const at = (seconds: number): string => new Date(sealed.getTime() - seconds * 1000).toISOString();
  return {
    format: formatVersion,
    module,
    time,
    davit: "0.1.0",
    host: { id: "3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10", name: "host" },
    started: at(30),
    held: at(3),
    released: at(2),
    sealed: at(0),
    hold: { mode: "pause", ms: 812, consistent: true, passes: [{ entries: 1200, bytes: bytesIn, ms: 20_000 }] },
    sources: [{ path: `/opt/docker/volumes/${module}`, kind: "bind" }],
    containers: [{ name: `${module}-app-1`, image: "app:1", imageDigest: `app@sha256:${"0".repeat(64)}` }],
    archive: {
      file: `${module}.tar.gz`,
      compression: { type: "gzip", level: 6 },
      sha256: sha256(archive),
      bytes: archive.length,
    },
    index: { file: "index.ndjson.gz", sha256: sha256(index), entries: 0 },
    counts: { files: 1100, directories: 100, symlinks: 0, hardLinks: 0, fifos: 0, bytesIn, bytesOut: archive.length },
    excluded: ["cache/**", "*.log", "tmp/**"].map((pattern) => ({ pattern, entries: 12, bytes: 48_000 })),
    changed: [],
    changedTotal: 0,
    warnings: [],
    anomalies: [],
  };
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
