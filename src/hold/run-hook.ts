import type { RunReporter } from "../contract/run-event.ts";
import type { Hook, HookName } from "../contract/settings.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { createHookOutput } from "./hook-output.ts";

export interface HookRun {
  docker: Pick<Docker, "exec">;
  container: { id: string; name: string };
  name: HookName;
  hook: Hook;
  limitMs: number;
  reporter: Pick<RunReporter, "output">;
  signal: AbortSignal;
}

/**
 * Runs a hook in its container to its end and tells each line that it prints. A Failure that names the hook, its container and
 * its command where the exit code is not 0, the limit was reached, or it could not be run.
 */
export async function runHook({ docker, container, name, hook, limitMs, reporter, signal }: HookRun): Promise<void> {
  const source = `davit.exec.${name} of ${container.name}`;
  const output = createHookOutput(source, reporter);
  const { command, user } = hook;
  const request = { command, limitMs, signal, onOutput: output.onOutput, ...(user === null ? {} : { user }) };
  const exitCode = await docker.exec(container.id, request).then(
    (result) => result.exitCode,
    (error: unknown) => {
      output.end();
      const { kind, message, hint } = asFailure(error);
      throw new Failure(kind, `the hook ${source} (${asText(command)}) failed: ${message}`, {
        ...(hint === undefined ? {} : { hint }),
        cause: error,
      });
    },
  );
  const last = output.end();
  if (exitCode === 0) return;
  const words = last === null ? "" : `: ${last}`;
  throw new Failure("failed", `the hook ${source} (${asText(command)}) ended with exit code ${exitCode}${words}`, {
    hint: "all that it printed is in the run: `davit runs` lists them, `davit runs --show RUN` prints it",
  });
}

function asText(command: readonly string[]): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : JSON.stringify(word))).join(" ");
}
