import type { Docker } from "../docker/connect-docker.ts";
import { asFailure } from "../failure/failure.ts";
import type { Answer } from "./ask-port.ts";
import { lastWords } from "./plain-text.ts";

const keptBytes = 2000;

/** Runs a command in a container; `ok` where it ends with 0. What it printed last is what it said. */
export async function askCommand(
  docker: Docker,
  container: { id: string; name: string },
  command: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  let printed = "";
  try {
    const { exitCode } = await docker.exec(container.id, {
      command,
      signal,
      onOutput: (_, bytes) => {
        printed = (printed + bytes.toString()).slice(-keptBytes);
      },
    });
    const said = lastWords(printed);
    return { ok: exitCode === 0, said: `${command[0]} ended with ${exitCode}${said === "" ? "" : `: ${said}`}` };
  } catch (error) {
    signal.throwIfAborted();
    const { kind, message } = asFailure(error);
    if (kind === "unreachable") throw error;
    return { ok: false, said: message };
  }
}
