import type { Anomaly, Manifest } from "../contract/manifest.ts";

/** What a backup is judged by. */
export type Figures = Pick<Manifest, "archive" | "counts" | "index">;

/** How two indexes differ; see `compareIndexes`. */
export interface Difference {
  /** Files with content that the earlier backup has, and how many of those changed or are gone. */
  files: number;
  changed: number;
  /** Paths of sources that held something and hold nothing any more. */
  emptied: readonly string[];
}

/** A backup that came before, with its id for the messages. */
export interface Earlier extends Figures {
  id: string;
}

/** Below these a person's tidying up, or one file more or less, looks like a loss. */
export const leastEntries = 20;
export const leastFiles = 20;
/** One member of an archive: with less content than that, headers weigh more than what is in the files. */
export const leastBytes = 1024 * 1024;
/** Down to half or less: a module that is cleaned up seldom loses as much in one night, one that is wiped always does. */
const lostShare = 0.5;
/** What encrypts a disk leaves a file or two alone; what works with its files seldom touches nine of ten between two backups. */
export const changedShare = 0.9;
/** Below that, compression saved too little for its end to tell anything: photographs, videos, archives. */
const worthSaving = 0.25;
/** So much of what was saved has to be gone. Encrypted content saves nothing, and is seldom all that a module has. */
const unsavedShare = 0.8;

/**
 * What looks like a loss of data in a new backup when it is compared with an earlier one. Pure. `difference` is null where the
 * indexes could not be compared; what the figures alone tell is found all the same.
 */
export function findAnomalies(now: Figures, before: Earlier, difference: Difference | null): Anomaly[] {
  const found: (Anomaly | null)[] = [
    fewerEntries(now, before),
    fewerBytes(now, before),
    mostlyChanged(before, difference),
    incompressible(now, before),
    ...(difference?.emptied ?? []).map((path): Anomaly => {
      return { kind: "empty-source", message: `the source ${path} is empty, and was not in ${before.id}` };
    }),
  ];
  return found.filter((one) => one !== null);
}

function fewerEntries(now: Figures, before: Earlier): Anomaly | null {
  const [left, had] = [now.index.entries, before.index.entries];
  if (had < leastEntries || left > had * lostShare) return null;
  return { kind: "fewer-entries", message: `there are ${left} entries, where ${before.id} has ${had}` };
}

function fewerBytes(now: Figures, before: Earlier): Anomaly | null {
  const [left, had] = [now.counts.bytesIn, before.counts.bytesIn];
  if (had < leastBytes || left > had * lostShare) return null;
  const message = `there are ${mebibytes(left)} MiB of content, where ${before.id} has ${mebibytes(had)} MiB`;
  return { kind: "fewer-bytes", message };
}

function mostlyChanged(before: Earlier, difference: Difference | null): Anomaly | null {
  if (difference === null) return null;
  const { files, changed } = difference;
  if (files < leastFiles || changed < files * changedShare) return null;
  const share = Math.floor((changed / files) * 100);
  return {
    kind: "mostly-changed",
    message: `${share} % of the files of ${before.id} have another content or are gone`,
  };
}

/** What came on top may be anything, such as photographs beside a program: only what was there before is judged. */
function incompressible(now: Figures, before: Earlier): Anomaly | null {
  if (now.archive.compression.type === "none" || before.archive.compression.type === "none") return null;
  const [after, had] = [now.counts, before.counts];
  if (after.bytesIn < leastBytes || had.bytesIn < leastBytes) return null;
  const saved = 1 - had.bytesOut / had.bytesIn;
  if (saved < worthSaving) return null;
  const same = Math.min(after.bytesIn, had.bytesIn);
  const expected = same * (1 - saved) + (after.bytesIn - same);
  if (after.bytesOut - expected < same * saved * unsavedShare) return null;
  const share = Math.round((after.bytesOut / after.bytesIn) * 100);
  const was = Math.round((1 - saved) * 100);
  return {
    kind: "incompressible",
    message: `the content shrinks to ${share} % only, where that of ${before.id} shrinks to ${was} %: encrypted data looks like this`,
  };
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
