import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRawAsset } from "node:sea";

/*
 * Stands for koffi in the executable. Its addon is a shared library, which the kernel loads from a file alone: it is written
 * into a private folder, loaded, and removed at once. That happens when it is first needed.
 */

interface Addon {
  load(name: string): unknown;
  errno(): number;
}

let addon: Addon | undefined;

export default {
  load: (name: string): unknown => loaded().load(name),
  errno: (): number => loaded().errno(),
};

function loaded(): Addon {
  addon ??= loadAddon();
  return addon;
}

function loadAddon(): Addon {
  const content = new Uint8Array(getRawAsset("koffi.node"));
  const reasons: string[] = [];
  // Some hosts let nothing be executed from one or the other of them.
  for (const place of new Set([tmpdir(), "/var/tmp", "/dev/shm", "/run"])) {
    try {
      return loadFrom(place, content);
    } catch (thrown) {
      reasons.push(`${place}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  throw new Error(`no folder lets a program's library be loaded from it (${reasons.join("; ")}); TMPDIR names another`);
}

function loadFrom(place: string, content: Uint8Array): Addon {
  const folder = mkdtempSync(join(place, "davit-"));
  try {
    const file = join(folder, "koffi.node");
    writeFileSync(file, content, { mode: 0o500 });
    const module: { exports: object } = { exports: {} };
    process.dlopen(module, file);
    // The addon's own interface, of which only these two are used.
    return module.exports as Addon;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
