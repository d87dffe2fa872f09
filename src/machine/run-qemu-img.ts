import { z } from "zod";
import { runProgram } from "../command/run-program.ts";
import { Failure } from "../failure/failure.ts";

export interface QemuImgLimits {
  timeoutMs?: number;
  /** Where it runs: names of files can then be given without a folder. */
  folder?: string;
  signal: AbortSignal;
  /** Told each line of what it prints; its progress, with `-p`, are lines too. */
  onLine?: (line: string) => void;
}

const usualLimitMs = 60_000;

/** Runs qemu-img and gives what it printed. Throws `storage` where a file system is full or not permitted, else `failed`. */
export async function runQemuImg(args: readonly string[], limits: QemuImgLimits): Promise<string> {
  const { timeoutMs = usualLimitMs, folder, signal, onLine } = limits;
  const { code, stdout, stderr } = await runProgram({
    program: "qemu-img",
    args,
    ...(folder !== undefined && { folder }),
    ...(onLine !== undefined && { onLine }),
    timeoutMs,
    signal,
    hints: { missing: "install it: `apt install qemu-utils`" },
  });
  if (code === 0) return stdout;
  const words = stderr
    .trim()
    .replace(/^qemu-img: /u, "")
    .replaceAll("\n", "; ");
  throw diskFailure(`qemu-img ${args[0] ?? ""}`, words || `it ended with ${code ?? "a signal"}`);
}

/** QEMU's words about a file as a Failure: `storage`, with its hint, where the file system is what stood in the way. */
export function diskFailure(doing: string, words: string): Failure {
  const known = storageWords.find(([pattern]) => pattern.test(words));
  return known === undefined
    ? new Failure("failed", `${doing}: ${words}`)
    : new Failure("storage", `${doing}: ${words}`, { hint: known[1] });
}

const storageWords: readonly [RegExp, string][] = [
  [/No space left on device|Disk quota exceeded/u, "the vault is full: free some space, or lower the machine's keep"],
  [/Read-only file system/u, "the vault is mounted read-only: mount it read-write and try again"],
  [/Input\/output error/u, "a disk reported an error: look at the kernel's log (dmesg) before anything else"],
  [
    /Could not open .*: No such file or directory/u,
    "QEMU does not see the vault: what is mounted after a machine was started, and not as a shared mount, is not there for it; start the machine anew",
  ],
  [
    /Permission denied|Operation not permitted/u,
    "QEMU may not write there: each folder above the vault must be searchable (`chmod o+x`), and AppArmor must allow it (`davit agent doctor`)",
  ],
];

const imageDocument = z.looseObject({
  format: z.string(),
  "virtual-size": z.int(),
  "backing-filename": z.string().optional(),
  "backing-filename-format": z.string().optional(),
  "format-specific": z
    .looseObject({
      data: z.looseObject({
        compat: z.string().optional(),
        "data-file": z.string().optional(),
        bitmaps: z.array(z.looseObject({ name: z.string() })).default([]),
      }),
    })
    .optional(),
});

/** What an image's header says. Of an image that a machine has open, the bitmaps may be out of date. */
export interface ImageInfo {
  virtualBytes: number;
  /** As the header names it; null where it has none. */
  backing: string | null;
  backingFormat: string | null;
  /** Of qcow2: `0.10` for version 2, `1.1` for version 3; null for all others. */
  compat: string | null;
  /** Of a qcow2 whose content lies in another file. */
  dataFile: string | null;
  bitmaps: readonly string[];
}

/**
 * Reads an image's header, also while a machine has it open. The format is never guessed: a raw disk begins with whatever
 * its guest has written there.
 */
export async function imageInfo(file: string, format: string, signal: AbortSignal): Promise<ImageInfo> {
  const words = ["info", "-U", "-f", format, "--output=json", "--", file];
  const found = imageDocument.parse(JSON.parse(await runQemuImg(words, { signal })));
  const data = found["format-specific"]?.data;
  return {
    virtualBytes: found["virtual-size"],
    backing: found["backing-filename"] ?? null,
    backingFormat: found["backing-filename-format"] ?? null,
    compat: data?.compat ?? null,
    dataFile: data?.["data-file"] ?? null,
    bitmaps: data?.bitmaps.map((one) => one.name) ?? [],
  };
}
