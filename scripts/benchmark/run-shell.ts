import { spawn } from "node:child_process";
import { once } from "node:events";

/** Variables for a shell text. */
export type Environment = Readonly<Record<string, string>>;

const prelude = `set -euo pipefail
measured() { command time --quiet --append --output="$report" --format='%e %U %S %M' "$@"; }
`;

/**
 * Runs a shell text and gives what it printed. In it, `measured` before a program notes in the file `$report` how long it
 * took, in which CPU time and memory. Throws when any program fails.
 */
export async function runShell(text: string, variables: Environment): Promise<string> {
  const bash = spawn("bash", ["-c", prelude + text], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  bash.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  bash.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code]: unknown[] = await once(bash, "close");
  if (code !== 0) throw new Error(`this ended with ${String(code)}: ${text}\n${errors}`);
  return output;
}
