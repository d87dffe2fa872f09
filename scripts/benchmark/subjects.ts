import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Subject } from "./measure.ts";
import type { Environment } from "./run-shell.ts";

// As bin/davit does.
const compiled = fileURLToPath(new URL("../../node_modules/.cache/davit", import.meta.url));
const stage = `env NODE_COMPILE_CACHE="${compiled}" "$node" --disable-warning=ExperimentalWarning --max-semi-space-size=4 "$stage"`;

export const davit = "Davit";

export const davitBackup: Subject = {
  name: davit,
  prepare: `mkdir "$out/partial"`,
  run: `measured ${stage} archive "$tree" "$out"`,
};

/** Shell text that makes the sealed backup `$folder/sealed` of `$tree`. */
export const makeBackup = `mkdir -p "$folder/partial"; ${stage} archive "$tree" "$folder"`;

/** What backs up `$tree`. Davit's own writes every checksum, an index, and flushes all to disk. */
export const backupSubjects: readonly Subject[] = [
  davitBackup,
  { name: "tar czf", run: `measured tar czf "$out/tree.tar.gz" -C "$tree" .` },
  { name: "tar, pigz -6", run: `measured tar cf - -C "$tree" . | measured pigz -6 >"$out/tree.tar.gz"` },
  {
    name: "restic backup",
    prepare: `restic init --quiet --repo "$out"`,
    run: `measured restic backup --quiet --repo "$out" --no-cache "$tree"`,
  },
  {
    name: "borg create",
    prepare: `borg init --encryption none "$out"`,
    run: `measured borg create "$out::bench" "$tree"`,
  },
];

/** What restores and verifies the backup in `$backup`, beside what GNU tar does with the same archive. */
export const restoreSubjects: readonly Subject[] = [
  { name: "Davit restore", run: `measured ${stage} extract "$backup" "$out"` },
  { name: "tar xzf", run: `measured tar xpzf "$backup/bench.tar.gz" -C "$out"` },
  { name: "Davit verify", run: `measured ${stage} verify "$backup"` },
  { name: "gzip -t", run: `measured gzip -t "$backup/bench.tar.gz"` },
];

/** What gets the file `$path` alone out of the backup in `$backup`. */
export const oneFileSubjects: readonly Subject[] = [
  { name: davit, run: `measured ${stage} extract "$backup" "$out" "$path"` },
  { name: "tar xzf", run: `measured tar xpzf "$backup/bench.tar.gz" -C "$out" "$path"` },
];

/** The variables that all the shell texts need; other programs keep what they keep in `folder`. */
export function environmentIn(folder: string): Environment {
  return {
    node: process.execPath,
    stage: join(import.meta.dirname, "stage.ts"),
    RESTIC_PASSWORD: "bench",
    HOME: folder,
    BORG_BASE_DIR: folder,
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes",
  };
}
