import type { BackupSummary, IndexEntry } from "../../src/contract/manifest.ts";
import type { Module } from "../../src/contract/module.ts";
import { type BytePath, isUtf8, toBytes, toDisplay } from "../../src/format/byte-path.ts";

/** A sound module with one container and one source. */
export function exampleModule(name: string): Module {
  return {
    name,
    containers: [
      {
        id: "c0ffee",
        name: `${name}-app-1`,
        image: "postgres:17",
        imageDigest: `postgres@sha256:${"0".repeat(64)}`,
        running: true,
        paused: false,
        dependsOn: [],
        hooks: {},
        dump: null,
      },
    ],
    sources: [{ path: `/opt/docker/volumes/${name}`, kind: "bind" }],
    leftOut: [],
    settings: {
      schedule: "0 2 * * *",
      timezone: "Europe/Berlin",
      keep: { last: 7, daily: 7, weekly: 4, monthly: 6 },
      exclude: ["*.log"],
      include: [],
      hold: "pause",
      holdTimeoutSeconds: 60,
      compression: { type: "gzip", level: 6 },
      drill: { check: { type: "health" }, container: null, timeoutSeconds: 300, schedule: null },
      copy: null,
    },
    warnings: [],
  };
}

/** A sealed and verified backup. */
export function exampleBackup(module: string, time: string): BackupSummary {
  const { sources, containers } = exampleModule(module);
  return {
    id: `${module}/${time}`,
    module,
    time,
    manifest: {
      format: 1,
      module,
      time,
      davit: "0.1.0",
      host: { id: "5f0c", name: "vm" },
      started: "2026-11-22T02:00:00Z",
      held: "2026-11-22T02:00:04Z",
      released: "2026-11-22T02:00:05Z",
      sealed: "2026-11-22T02:00:06Z",
      hold: { mode: "pause", ms: 812, consistent: true },
      sources,
      containers: containers.map(({ name, image, imageDigest }) => ({ name, image, imageDigest })),
      archive: {
        file: `${module}.tar.gz`,
        compression: { type: "gzip", level: 6 },
        sha256: "a".repeat(64),
        bytes: 48_211_004,
      },
      index: { file: "index.ndjson.gz", sha256: "b".repeat(64), entries: 1204 },
      counts: {
        files: 1100,
        directories: 100,
        symlinks: 3,
        hardLinks: 1,
        fifos: 0,
        bytesIn: 201_400_312,
        bytesOut: 48_211_004,
      },
      excluded: [],
      changed: [],
      changedTotal: 0,
      warnings: [],
    },
    evidence: [{ kind: "verified", at: "2026-11-22T03:00:00Z", ok: true, ms: 900 }],
    problem: null,
  };
}

/** The index line of a file. */
export function exampleEntry(path: BytePath, size: number, sha256: string): IndexEntry {
  return {
    path: toDisplay(path),
    ...(isUtf8(path) ? {} : { path64: toBytes(path).toString("base64") }),
    type: "file",
    size,
    mode: 0o644,
    uid: 33,
    gid: 33,
    mtime: "1700000000.000000001",
    sha256,
    member: 0,
    offset: 0,
  };
}
