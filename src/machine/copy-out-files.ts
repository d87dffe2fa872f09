import { runProgram } from "../command/run-program.ts";
import { Failure } from "../failure/failure.ts";

interface GuestDisks {
  /** The disks of one point, in the order in which the machine has them. */
  disks: readonly string[];
  signal: AbortSignal;
}

export interface CopyOutOrder extends GuestDisks {
  /** Absolute paths in the machine. */
  paths: readonly string[];
  /** A folder that is there. */
  to: string;
  /** Where the paths are looked for, `/dev/sda1`; null for where its system has them. */
  fileSystem: string | null;
}

/** A helper machine has to start, which takes its time without KVM. */
const limitMs = 30 * 60_000;

/**
 * Copies files and folders out of a point with guestfish, with their owners, modes and times. Its disks are opened read-only, by a
 * helper machine of libguestfs: the file systems, whatever their guest has put there, are never mounted by the host's own kernel.
 * Throws `missing` for a path that isn't there, and where guestfish isn't installed.
 */
export async function copyOutFiles(order: CopyOutOrder): Promise<void> {
  const { disks, paths, to, signal } = order;
  const mounted = await howToMount(order);
  await guestfish({ disks, signal }, [...mounted, "copy-out", ...paths, to]);
}

async function howToMount({ disks, signal, fileSystem }: CopyOutOrder): Promise<string[]> {
  if (fileSystem !== null) return ["--mount", fileSystem];
  const said = await guestfish({ disks, signal }, ["run", ":", "inspect-os", ":", "list-filesystems"]);
  const lines = said.split("\n").filter((line) => line !== "");
  const fileSystems = lines.flatMap((line) => /^(\/\S+): (?!swap$|unknown$)\S+$/u.exec(line)?.[1] ?? []);
  const systems = lines.filter((line) => /^\/[^\s:]+$/u.test(line));
  if (systems.length === 1) return ["--inspector"];
  const [only, ...more] = fileSystems;
  if (only !== undefined && more.length === 0) return ["--mount", only];
  const found = fileSystems.length === 0 ? "it has none that can be read" : `it has ${fileSystems.join(", ")}`;
  throw new Failure("usage", "no system was found in the point, so say in which file system the files are", {
    hint: found,
  });
}

async function guestfish({ disks, signal }: GuestDisks, words: readonly string[]): Promise<string> {
  const drives = disks.flatMap((disk) => ["--format=qcow2", "--add", disk]);
  const { code, stdout, stderr } = await runProgram({
    program: "guestfish",
    args: ["--ro", ...drives, ...words],
    environment: { LIBGUESTFS_BACKEND: "direct" },
    timeoutMs: limitMs,
    signal,
    hints: {
      missing:
        "install it: `apt install guestfish`; without it, restore the disk with --to and mount that: `modprobe nbd`, `qemu-nbd --read-only -c /dev/nbd0 FILE`, `mount -o ro /dev/nbd0p1 DIR`",
    },
  });
  if (code === 0) return stdout;
  const said = stderr
    .trim()
    .split("\n")
    .map((line) => line.replace(/^(\*stdin\*:\d+: )?(libguestfs: error: )?/u, ""));
  const reason = said.find((line) => line !== "") ?? `it ended with ${code ?? "a signal"}`;
  if (/No such file or directory|is not a file or directory|does not exist/u.test(stderr))
    throw new Failure("missing", `that is not in the point: ${reason}`, {
      hint: "paths are those that the machine has",
    });
  throw new Failure("failed", `guestfish: ${reason}`, {
    hint: "`libguestfs-test-tool` tells whether libguestfs works on this host",
  });
}
