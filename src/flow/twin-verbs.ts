import { dirname } from "node:path";
import { z } from "zod";
import { restorePreview, type RestorePreview } from "../contract/api.ts";
import { manifest, type Manifest } from "../contract/manifest.ts";
import { failureReport } from "../contract/run-event.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { Failure } from "../failure/failure.ts";
import { type BytePath, isUtf8, toDisplay } from "../format/byte-path.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import type { OpenBackup } from "./open-backup.ts";
import type { RecreateResult } from "./recreate.ts";
import type { RestoreResult } from "./restore.ts";
import { throughTwin } from "./through-twin.ts";
import { fromReport } from "./twin.ts";
import type { UndoResult } from "./undo.ts";

const backedUp = z.tuple([
  z.discriminatedUnion("ok", [
    z.looseObject({ ok: z.literal(true), manifest }),
    z.looseObject({ ok: z.literal(false), failure: failureReport }),
  ]),
]);

const undone = z.strictObject({ backup: z.string(), keptAside: z.array(z.string()), unwell: z.array(z.string()) });

const extracted = {
  entries: z.int(),
  bytes: z.int(),
  notes: z.array(z.strictObject({ path: z.string(), what: z.string() })),
  notesTotal: z.int(),
};

const restored = z.strictObject({
  ...undone.shape,
  target: z.string().nullable(),
  ...extracted,
});

const recreated = z.strictObject({
  backup: z.string(),
  networks: z.array(z.string()),
  volumes: z.array(z.string()),
  containers: z.array(z.strictObject({ name: z.string(), id: z.string(), started: z.boolean() })),
  unwell: z.array(z.string()),
  ...extracted,
});

/** `backupModule` in a twin; null where none is needed. */
export async function backupInTwin(davit: Davit, module: string, request: FlowRequest): Promise<Manifest | null> {
  return throughTwin(davit, request, {
    module,
    verb: "backup",
    words: [module],
    run: { kind: "backup" },
    async paths() {
      const found = (await discoverModules(davit.docker, davit.config)).find((one) => one.name === module);
      return (found?.sources ?? []).map((source) => source.path);
    },
    writable: false,
    read(answer) {
      const [result] = backedUp.parse(answer);
      if (!result.ok) throw fromReport(result.failure);
      return result.manifest;
    },
  });
}

/** A restore in place in a twin; null where none is needed. */
export async function restoreInTwin(
  davit: Davit,
  backup: OpenBackup,
  paths: readonly BytePath[],
  request: FlowRequest,
): Promise<RestoreResult | null> {
  return throughTwin(davit, request, {
    module: backup.module,
    verb: "restore",
    words: [backup.id, "--in-place", "--", ...paths.map(asWord)],
    run: { kind: "restore", backup: backup.id },
    paths: async () => foldersOf(backup),
    writable: true,
    read: (answer) => restored.parse(answer),
  });
}

/** `recreateModule` in a twin; null where none is needed. */
export async function recreateInTwin(
  davit: Davit,
  backup: OpenBackup,
  request: FlowRequest,
): Promise<RecreateResult | null> {
  const { sources } = backup.manifest;
  const hasVolumes = sources.some((one) => one.kind === "volume");
  const binds = {
    ...backup,
    manifest: { ...backup.manifest, sources: sources.filter((one) => one.kind !== "volume") },
  };
  return throughTwin(davit, request, {
    module: backup.module,
    verb: "recreate",
    words: [backup.id],
    run: { kind: "recreate", backup: backup.id },
    // The volumes are not made yet, so the folder that holds them is needed.
    paths: async () => [...foldersOf(binds), ...(hasVolumes ? [await davit.docker.volumesFolder()] : [])],
    writable: true,
    makes: true,
    read: (answer) => recreated.parse(answer),
  });
}

/** The preview of a restore in place in a twin; null where none is needed. */
export async function previewInTwin(
  davit: Davit,
  backup: OpenBackup,
  paths: readonly BytePath[],
  signal: AbortSignal,
): Promise<RestorePreview | null> {
  return throughTwin(
    davit,
    { trigger: "cli", signal },
    {
      module: backup.module,
      verb: "restore",
      words: [backup.id, "--in-place", "--dry-run", "--", ...paths.map(asWord)],
      run: null,
      paths: async () => foldersOf(backup),
      writable: false,
      read: (answer) => restorePreview.parse(answer),
    },
  );
}

/** `undoRestore` in a twin; null where none is needed. */
export async function undoInTwin(davit: Davit, module: string, request: FlowRequest): Promise<UndoResult | null> {
  return throughTwin(davit, request, {
    module,
    verb: "restore",
    words: ["--undo", module],
    run: { kind: "undo" },
    paths: async () => (await davit.restores.last(module))?.swaps.map((swap) => swap.root) ?? [],
    writable: true,
    read: (answer) => undone.parse(answer),
  });
}

/** What is made ready and what is kept stand beside the source, so the folder that holds it is needed. */
function foldersOf({ manifest: { sources } }: OpenBackup): string[] {
  const folders = sources.map((source) => dirname(source.path));
  if (folders.includes("/"))
    throw new Failure("unsafe", "a source right below / can't be restored in place through a twin", {
      hint: "restore with --to a folder, or mount the source's folder into Davit's container",
    });
  return folders;
}

function asWord(path: BytePath): string {
  if (isUtf8(path)) return `/${toDisplay(path)}`;
  throw new Failure("usage", `/${toDisplay(path)} is not UTF-8, and no twin can be told of it`, {
    hint: "restore the folder that it lies in",
  });
}
