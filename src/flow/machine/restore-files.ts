import { mkdir, rename } from "node:fs/promises";
import { basename, join, normalize, resolve } from "node:path";
import { syncFolder } from "../../durable/sync-folder.ts";
import { requireFree } from "../../durable/place-file.ts";
import { Failure } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { copyOutFiles } from "../../machine/copy-out-files.ts";
import { unfinishedPath, whileUnfinished } from "../../machine/open-unfinished-files.ts";
import { checkStructure } from "../../machine/verify-chain.ts";
import type { FlowRequest } from "../flow-request.ts";
import type { Host } from "./host.ts";
import { placeChain } from "./place-chain.ts";
import { recordMachineRun } from "./record-machine-run.ts";

export interface FilesRestoreRequest extends FlowRequest {
  /** Files and folders, by their absolute paths in the machine. */
  paths: readonly string[];
  /** The folder that they are put into, which is made. */
  to: string;
  /** Where the paths are looked for, `/dev/sda1`, in a machine whose system is not recognized. */
  fileSystem?: string;
}

export interface FilesRestoreResult {
  point: string;
  /** Absolute. */
  files: string[];
}

/**
 * Copies single files and folders out of a point, which is only read. Nothing is overwritten; when it throws, nothing of it is left. Needs
 * guestfish, and says so where it isn't there.
 */
export async function restoreFiles(
  host: Host,
  name: string,
  request: FilesRestoreRequest,
): Promise<FilesRestoreResult> {
  const { id, machine } = await host.vault.resolve(name);
  const to = resolve(request.to);
  const paths = request.paths.map(checkedPath);
  const files = paths.map((path) => join(to, basename(path)));
  if (paths.length === 0)
    throw new Failure("usage", "no path is named", { hint: "paths are those that the machine has" });
  if (new Set(files).size < files.length)
    throw new Failure("usage", "two of the paths end in the same name", { hint: "restore them one after the other" });
  const fileSystem = request.fileSystem ?? null;
  if (fileSystem !== null && !/^\/dev\/[\w./-]+$/u.test(fileSystem))
    throw new Failure("usage", `${fileSystem} is no file system of a machine`, { hint: "it looks like /dev/sda1" });
  return recordMachineRun(host, request, {
    kind: "restore",
    module: machine,
    backup: id,
    work: async (reporter, signal) => {
      reporter.stage("plan");
      const points = await placeChain(host, id);
      // A header decides what QEMU opens, and it is opened as root.
      await checkStructure(points, signal);
      const disks = (points.at(-1)?.point.manifest?.disks ?? []).map(({ file }) => join(host.vault.folder(id), file));
      await requireFree(...files);
      const making = unfinishedPath(join(to, machine));
      return whileUnfinished(host.unfinished, machine, [making], async () => {
        await makeFolders(to, making);
        reporter.stage("extract");
        await copyOutFiles({ disks, paths, to: making, fileSystem, signal });
        await requireFree(...files);
        for (const file of files) await rename(join(making, basename(file)), file);
        await syncFolder(to);
        return { point: id, files };
      });
    },
  });
}

/** Words that guestfish takes for paths and for nothing else. */
function checkedPath(path: string): string {
  const isPlain = path.startsWith("/") && path !== "/" && normalize(path) === path && !/[\0\n]/u.test(path);
  if (isPlain && !path.endsWith("/")) return path;
  throw new Failure("usage", `${JSON.stringify(path)} is not a path to restore`, {
    hint: "give absolute paths as the machine has them, like /etc/fstab or /home/anna",
  });
}

/** A folder of nobody else's beside the files: what comes out of a machine may be set-uid. */
async function makeFolders(to: string, making: string): Promise<void> {
  try {
    await mkdir(to, { recursive: true, mode: 0o700 });
    await mkdir(making, { mode: 0o700 });
  } catch (thrown) {
    throw storageFailure(`can't write to ${to}`, thrown);
  }
}
