import { createConnection, type Socket } from "node:net";
import { z } from "zod";
import { errorCode, Failure } from "../../failure/failure.ts";

/** QEMU's monitor, as far as a drill needs it. */
export interface Qmp {
  /** Gives what QEMU returns; throws `failed` with QEMU's words, or where the connection is gone. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

const message = z.union([
  z.looseObject({ QMP: z.unknown() }),
  z.looseObject({ return: z.unknown(), id: z.int().optional() }),
  z.looseObject({ error: z.looseObject({ class: z.string(), desc: z.string() }), id: z.int().optional() }),
  z.looseObject({ event: z.string(), data: z.unknown().optional() }),
]);

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Failure): void;
}

const answerMs = 30_000;

/**
 * Connects to a QMP socket and agrees on the protocol (docs/interop/qmp-spec in QEMU's source). Throws `unreachable` while
 * there is no such socket, or nobody listens.
 */
export async function connectQmp(path: string): Promise<Qmp> {
  const socket = await connected(path);
  const waiting = new Map<number, Waiting>();
  let gone: Failure | null = null;
  let next = 1;
  const greeted = Promise.withResolvers<unknown>();
  const end = (failure: Failure): void => {
    gone ??= failure;
    greeted.reject(gone);
    for (const one of waiting.values()) one.reject(gone);
    waiting.clear();
    socket.destroy();
  };
  const take = (line: string): void => {
    const parsed = message.safeParse(parseJson(line));
    if (!parsed.success) return end(new Failure("failed", "QEMU's monitor says what is no QMP"));
    const said = parsed.data;
    if ("QMP" in said) return greeted.resolve(null);
    // What goes on is asked for, not waited for.
    if ("event" in said) return undefined;
    const id = typeof said.id === "number" ? said.id : 0;
    const one = waiting.get(id);
    waiting.delete(id);
    if ("error" in said)
      one?.reject(
        new Failure("failed", `QEMU's monitor refused: ${z.object({ desc: z.string() }).parse(said.error).desc}`),
      );
    else one?.resolve(said.return);
  };
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") take(line);
  });
  socket.on("error", (error) => end(closed(error)));
  socket.on("close", () => end(closed()));

  const execute = async (command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
    if (gone !== null) throw gone;
    const id = next++;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    const limit = setTimeout(() => {
      waiting.delete(id);
      answer.reject(new Failure("failed", `QEMU's monitor did not answer ${command} within ${answerMs / 1000} s`));
    }, answerMs);
    try {
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
      return await answer.promise;
    } finally {
      clearTimeout(limit);
    }
  };
  await greeted.promise;
  await execute("qmp_capabilities");
  return { execute, close: () => end(closed()) };
}

async function connected(path: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = createConnection({ path });
  socket.once("connect", () => resolve(socket));
  socket.once("error", (error) =>
    reject(
      new Failure("unreachable", `QEMU's monitor can't be reached (${errorCode(error) ?? error.message})`, {
        cause: error,
      }),
    ),
  );
  return promise;
}

function closed(cause?: unknown): Failure {
  return new Failure("failed", "QEMU's monitor is gone: QEMU has ended", cause === undefined ? {} : { cause });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
