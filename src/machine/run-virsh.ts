import { runProgram } from "../command/run-program.ts";
import { Failure } from "../failure/failure.ts";

/** Where libvirt is asked, and what ends the asking. */
export interface Libvirt {
  uri: string;
  signal: AbortSignal;
}

export interface VirshLimits {
  timeoutMs?: number;
  /** Where it runs: names of files can then be given without a folder. */
  folder?: string;
}

export interface VirshResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

const usualLimitMs = 30_000;

/**
 * Runs virsh to its end, whatever its exit code, and throws only where it could not be run or took too long. The words after
 * `-c URI` reach it as they are.
 */
export async function tryVirsh(
  libvirt: Libvirt,
  args: readonly string[],
  limits: VirshLimits = {},
): Promise<VirshResult> {
  const { timeoutMs = usualLimitMs, folder } = limits;
  return runProgram({
    program: "virsh",
    args: ["-c", libvirt.uri, ...args],
    ...(folder !== undefined && { folder }),
    timeoutMs,
    signal: libvirt.signal,
    hints: {
      missing: "install it: `apt install libvirt-clients`",
      late: "libvirt does not answer: `systemctl restart libvirtd` leaves the machines running",
    },
  });
}

/** What virsh printed. Throws `unreachable` where libvirt does not answer, `missing` for a domain that isn't there, else `failed`. */
export async function runVirsh(libvirt: Libvirt, args: readonly string[], limits: VirshLimits = {}): Promise<string> {
  const result = await tryVirsh(libvirt, args, limits);
  if (result.code === 0) return result.stdout;
  throw virshFailure(libvirt.uri, `virsh ${args[0] ?? ""}`, result);
}

/** What virsh said went wrong, as a Failure; `doing` says with what. */
export function virshFailure(uri: string, doing: string, { code, stderr }: VirshResult): Failure {
  const words = virshWords(stderr) || `it ended with ${code ?? "a signal"}`;
  if (unreachable.test(stderr))
    return new Failure("unreachable", `libvirt at ${uri} does not answer: ${words}`, {
      hint: `see whether it runs: \`virsh -c ${uri} list\`, \`systemctl status libvirtd\``,
    });
  if (/failed to get domain|Domain not found/u.test(stderr))
    return new Failure("missing", `libvirt has no such machine: ${words}`, {
      hint: `\`virsh -c ${uri} list --all\` shows those there are`,
    });
  return new Failure("failed", `${doing}: ${words}`);
}

const unreachable =
  /failed to connect to the hypervisor|Failed to connect socket|Cannot recv data|End of file while reading data|client socket is closed|Connection reset|internal error: client/u;

/** The sentences of virsh's standard error, without its `error: `. */
export function virshWords(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^error: /u, "").trim());
  return lines.filter((line) => line !== "").join("; ");
}
