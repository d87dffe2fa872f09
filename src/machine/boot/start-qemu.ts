import { constants } from "node:fs";
import { chmod, chown, copyFile, type FileHandle, mkdir, open } from "node:fs/promises";
import { runProgram } from "../../command/run-program.ts";
import { asFailure, Failure, withCleanup } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import type { BootMachine } from "./boot-order.ts";
import { type DrillUser, findDrillUser } from "./drill-user.ts";
import { bootFiles, overlayFile, qemuArguments } from "./qemu-arguments.ts";

export interface QemuOrder {
  machine: BootMachine;
  /** Where it writes; made anew, and nobody else gets in. */
  folder: string;
  accelerator: "kvm" | "tcg";
  /** After which it is ended whatever happens. */
  limitMs: number;
  signal: AbortSignal;
}

export interface RunningQemu {
  /** Fulfilled when QEMU has ended, with its words where it ended by itself; never rejected. */
  readonly ended: Promise<Failure | null>;
  /** Ends it; returns once it has. */
  stop(): Promise<void>;
}

/** Address space besides the machine's memory: QEMU itself, its libraries, what it translates code into. */
const overheadMiB = 2048;
const program = "qemu-system-x86_64";
const hints = { missing: "install it: `apt install qemu-system-x86 qemu-utils`" };

/**
 * Starts QEMU on a machine that reads a point and writes beside it. It has the rights of nobody, no capabilities, no environment
 * of Davit's, a limit on its memory, and dies with Davit. Its files of the backup it gets as descriptors for reading.
 */
export async function startQemu(order: QemuOrder): Promise<RunningQemu> {
  const { machine, folder, accelerator, limitMs, signal } = order;
  const user = await findDrillUser();
  await makeFolder(order, user);
  const type = await knownType(machine.type, signal);
  const code = machine.firmware === null ? [] : [machine.firmware.code];
  const files = [...new Set([...machine.disks.flatMap((disk) => disk.chain), ...code])];
  const handles = await openAll(files);
  const stopping = new AbortController();
  const descriptor = (file: string): number => 3 + files.indexOf(file);
  const args = qemuArguments(machine, { folder, type, accelerator, descriptor });
  const running = withCleanup(
    () =>
      runProgram({
        program: "env",
        args: confined(user, machine.memoryMiB, [program, ...args]),
        folder,
        descriptors: handles.map((one) => one.fd),
        timeoutMs: limitMs,
        signal: AbortSignal.any([signal, stopping.signal]),
        hints,
      }),
    () => closeAll(handles),
  );
  const ended = running.then(
    ({ code, stderr }) => new Failure("failed", `QEMU ended (${code ?? "killed"}): ${lastWords(stderr)}`),
    (thrown: unknown) => (stopping.signal.aborted ? null : asFailure(thrown)),
  );
  return {
    ended,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

/** The words that start a program with no more rights than it needs; `env` is of coreutils, the others of util-linux. */
function confined(user: DrillUser | null, memoryMiB: number, words: readonly string[]): string[] {
  const memory = (memoryMiB + overheadMiB) * 1024 * 1024;
  const rights: string[] = [];
  if (user !== null) {
    const groups = user.kvmGid === null ? "--clear-groups" : `--groups=${user.kvmGid}`;
    rights.push(`--reuid=${user.uid}`, `--regid=${user.gid}`, groups, "--inh-caps=-all", "--bounding-set=-all");
  }
  return [
    ["-i", `PATH=${process.env["PATH"] ?? "/usr/bin:/bin"}`, "LC_ALL=C"],
    ["prlimit", `--as=${memory}`, "--core=0"],
    ["setpriv", ...rights, "--no-new-privs", "--pdeathsig", "KILL", ...words],
  ].flat();
}

async function makeFolder(order: QemuOrder, user: DrillUser | null): Promise<void> {
  const { folder, machine, signal } = order;
  try {
    await mkdir(folder, { mode: 0o700 });
    const made = [folder];
    for (const { target, virtualBytes } of machine.disks) {
      const overlay = overlayFile(folder, target);
      // It names no backing file: QEMU is handed that as a descriptor.
      const args = ["create", "-q", "-f", "qcow2", "--", overlay, String(virtualBytes)];
      const { code, stderr } = await runProgram({ program: "qemu-img", args, timeoutMs: 60_000, signal, hints });
      if (code !== 0) throw new Failure("storage", `qemu-img can't make ${overlay}: ${lastWords(stderr)}`);
      made.push(overlay);
    }
    if (machine.firmware !== null) {
      const { variables } = bootFiles(folder);
      await copyFile(machine.firmware.variables, variables, constants.COPYFILE_EXCL);
      await chmod(variables, 0o600);
      made.push(variables);
    }
    if (user !== null) for (const one of made) await chown(one, user.uid, user.gid);
  } catch (thrown) {
    throw storageFailure(`can't make ready ${folder} for a boot`, thrown);
  }
}

/** The machine's own type where this QEMU has it; else, for one of another version or distribution, its family's newest. */
async function knownType(type: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await runProgram({ program, args: ["-machine", "help"], timeoutMs: 60_000, signal, hints });
  const known = new Set(stdout.split("\n").map((line) => line.split(" ")[0]));
  if (known.has(type)) return type;
  return type.includes("q35") ? "q35" : "pc";
}

async function openAll(files: readonly string[]): Promise<FileHandle[]> {
  const handles: FileHandle[] = [];
  for (const file of files) {
    try {
      handles.push(await open(file, "r"));
    } catch (thrown) {
      await closeAll(handles);
      throw storageFailure(`can't read ${file}`, thrown);
    }
  }
  return handles;
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  for (const one of handles) await one.close();
}

function lastWords(stderr: string): string {
  return stderr.trim().split("\n").slice(-3).join("; ").slice(0, 500) || "it said nothing";
}
