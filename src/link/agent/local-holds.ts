import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { failureReport } from "../../contract/run-event.ts";
import { asFailure, errorCode, Failure } from "../../failure/failure.ts";
import type { GuestHold } from "./guest-holds.ts";

/*
 * The streams of the sidecars end in the agent that serves. A verb of the command line is another process, and asks that one, over a
 * socket in the state folder that its owner alone can open: a line of JSON each way. A verb that ends takes its hold with it.
 */

type HoldInGuest = (machine: string, untilMs: number, signal: AbortSignal) => Promise<GuestHold | null>;

const order = z.discriminatedUnion("ask", [
  z.strictObject({ ask: z.literal("hold"), machine: z.string(), untilMs: z.number() }),
  z.strictObject({ ask: z.literal("release") }),
]);
const answer = z.union([
  /** Null where there is nothing to hold. */
  z.strictObject({ modules: z.array(z.string()).nullable() }),
  z.strictObject({ throughout: z.boolean() }),
  z.strictObject({ failure: failureReport }),
]);

/** Does for other processes of this host what `holdInGuest` does, until `signal` aborts. */
export async function serveLocalHolds(state: string, holdInGuest: HoldInGuest, signal: AbortSignal): Promise<void> {
  const file = socketOf(state);
  const server = createServer((socket) => void serveOne(socket, holdInGuest).catch(() => socket.destroy()));
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // One that a crash left would be in the way; the lock of the state folder says that nobody else serves.
  await rm(file, { force: true });
  server.listen(file);
  await once(server, "listening");
  await chmod(file, 0o600);
  server.unref();
  signal.addEventListener("abort", () => void server.close(), { once: true });
}

async function serveOne(socket: Socket, holdInGuest: HoldInGuest): Promise<void> {
  const gone = new AbortController();
  socket.on("error", () => undefined);
  socket.once("close", () => gone.abort(new Failure("cancelled", "the process that wanted the hold is gone")));
  const tell = (what: z.infer<typeof answer>): void => void socket.write(`${JSON.stringify(what)}\n`);
  let hold: GuestHold | null = null;
  try {
    for await (const line of createInterface({ input: socket })) {
      const asked = order.parse(JSON.parse(line));
      try {
        if (asked.ask === "release") tell({ throughout: (await hold?.release()) ?? false });
        else {
          hold = await holdInGuest(asked.machine, asked.untilMs, gone.signal);
          tell({ modules: hold === null ? null : [...hold.modules] });
        }
      } catch (thrown) {
        const { kind, message, hint } = asFailure(thrown);
        tell({ failure: { kind, message, ...(hint !== undefined && { hint }) } });
      }
    }
  } finally {
    // Twice does no harm.
    await hold?.release().catch(() => false);
    socket.destroy();
  }
}

/** Asks the agent that serves this state folder to have a machine's sidecar hold; null where none serves, or there is nothing to hold. */
export function holdThroughAgent(state: string): HoldInGuest {
  return async (machine, untilMs, signal) => {
    const socket = await connectTo(socketOf(state));
    if (socket === null) return null;
    const stop = (): void => void socket.destroy();
    signal.addEventListener("abort", stop, { once: true });
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const ask = async (what: z.infer<typeof order>): Promise<z.infer<typeof answer>> => {
      socket.write(`${JSON.stringify(what)}\n`);
      const { value, done } = await lines.next();
      signal.throwIfAborted();
      if (done === true) throw new Failure("unreachable", "the agent ended while a hold was on");
      const told = answer.parse(JSON.parse(value));
      if (!("failure" in told)) return told;
      const { kind, message, hint } = told.failure;
      throw new Failure(kind, message, hint === undefined ? {} : { hint });
    };
    const end = (): void => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
    };
    try {
      const told = await ask({ ask: "hold", machine, untilMs });
      if ("modules" in told && told.modules !== null)
        return {
          modules: told.modules,
          release: async () => {
            try {
              const released = await ask({ ask: "release" });
              return "throughout" in released && released.throughout;
            } finally {
              end();
            }
          },
        };
      end();
      return null;
    } catch (thrown) {
      end();
      throw thrown;
    }
  };
}

async function connectTo(file: string): Promise<Socket | null> {
  const socket = connect(file);
  try {
    await once(socket, "connect");
    socket.on("error", () => undefined); // told by the end of its lines
    return socket;
  } catch (thrown) {
    // No agent serves, or one that was killed left its socket behind.
    if (["ENOENT", "ECONNREFUSED"].includes(errorCode(thrown) ?? "")) return null;
    throw thrown;
  }
}

function socketOf(state: string): string {
  return path.join(state, "link", "holds.sock");
}
