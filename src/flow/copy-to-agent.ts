import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { backupId } from "../contract/backup-id.ts";
import { type CopyId, type CopyState, linkLimits } from "../contract/link.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { sumsFile } from "../format/file-names.ts";
import { readChecksums } from "../format/read-checksums.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { openBackup } from "./open-backup.ts";
import { recordRun } from "./record-run.ts";

/** Who takes a copy: the agent, as the link knows it. */
export interface CopyTarget {
  hello(signal: AbortSignal): Promise<{ host: { name: string } }>;
  copyState(id: CopyId, signal: AbortSignal): Promise<CopyState>;
  /** Sends the bytes of a file from `first` on. */
  putPiece(
    id: CopyId,
    piece: { file: string; first: number; bytes: number; total: number; stream: () => Readable },
    signal: AbortSignal,
  ): Promise<void>;
  /** Has every file read again and compared; gives the bytes of the copy. `damaged` where one did not match, and was dropped. */
  sealCopy(id: CopyId, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<number>;
}

export interface CopyResult {
  backup: string;
  /** Of the copy, and how many of them were sent now. */
  bytes: number;
  sent: number;
}

interface Sent {
  name: string;
  size: number;
}

/**
 * Copies a sealed backup to the agent, file by file, from where an earlier try broke off, and writes down the evidence once the agent
 * has read it all again. One that is there already is not sent twice. With `givesWay` it ends as soon as another run wants the module.
 */
export async function copyToAgent(
  davit: Davit,
  target: CopyTarget,
  name: string,
  request: FlowRequest,
  { givesWay = false }: { givesWay?: boolean } = {},
): Promise<CopyResult> {
  const { id: backup, module, folder, manifest } = await openBackup(davit, name);
  const id = { host: davit.host.id, module, time: manifest.time };
  return recordRun(davit, request, {
    kind: "copy",
    module,
    backup,
    givesWay,
    work: async (reporter, signal) => {
      const started = davit.now();
      const agent = (await target.hello(signal)).host.name;
      const files = await filesOf(folder);
      const bytes = files.reduce((sum, one) => sum + one.size, 0);
      const copy = { target, id, folder, files, bytes, reporter, signal };
      const sent = await sendUntilSealed(copy).catch((thrown: unknown) => {
        throw signal.aborted ? asFailure(signal.reason) : thrown;
      });
      await davit.vault.appendEvidence(backupId(module, manifest.time), {
        kind: "copied",
        at: davit.now().toISOString(),
        ok: true,
        ms: Math.max(0, davit.now().getTime() - started.getTime()),
        detail: `to the agent on ${agent}`,
      });
      return { backup, bytes, sent };
    },
  });
}

/** The files of a backup that SHA256SUMS covers, after itself: what arrives is compared with it. */
async function filesOf(folder: string): Promise<Sent[]> {
  const names = [sumsFile, ...(await readChecksums(folder)).keys()];
  return Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch((cause: unknown) => {
        throw new Failure("damaged", `${join(folder, name)} can't be read`, { hint: "see `davit verify`", cause });
      });
      return { name, size: found.size };
    }),
  );
}

interface Copy {
  target: CopyTarget;
  id: CopyId;
  folder: string;
  files: readonly Sent[];
  bytes: number;
  reporter: RunReporter;
  signal: AbortSignal;
}

/** What did not arrive well is sent once more; what does not then either is not well here. */
async function sendUntilSealed(copy: Copy): Promise<number> {
  const { target, id, bytes, reporter, signal } = copy;
  let sent = 0;
  for (let again = false; ; again = true) {
    const state = await target.copyState(id, signal);
    if (state.sealed) return sent;
    sent += await sendFiles(copy, state);
    reporter.stage("seal");
    try {
      await target.sealCopy(id, (read) => reporter.progress(progressOf(read, bytes)), signal);
      return sent;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.kind !== "damaged" || again) throw failure;
      reporter.warning(failure.message, "it is sent once more");
    }
  }
}

async function sendFiles(
  { target, id, folder, files, bytes, reporter, signal }: Copy,
  state: CopyState,
): Promise<number> {
  reporter.stage("copy");
  let done = 0;
  let sent = 0;
  for (const { name, size } of files) {
    const there = state.files[name];
    let first = Math.min(there ?? 0, size);
    done += first;
    reporter.progress(progressOf(done, bytes));
    // A file without content is sent as well, as one piece of no bytes.
    for (let isNew = there === undefined; isNew || first < size; isNew = false) {
      signal.throwIfAborted();
      const piece = { file: name, first, bytes: Math.min(linkLimits.piece, size - first), total: size };
      await target.putPiece(id, { ...piece, stream: () => readPiece(join(folder, name), piece) }, signal);
      first += piece.bytes;
      sent += piece.bytes;
      done += piece.bytes;
      reporter.progress(progressOf(done, bytes));
    }
  }
  return sent;
}

function readPiece(file: string, { first, bytes }: { first: number; bytes: number }): Readable {
  return bytes === 0 ? Readable.from([]) : createReadStream(file, { start: first, end: first + bytes - 1 });
}

function progressOf(bytes: number, totalBytes: number) {
  return { entries: 0, bytes, totalEntries: null, totalBytes };
}
