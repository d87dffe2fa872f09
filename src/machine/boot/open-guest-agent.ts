import { createConnection } from "node:net";
import { z } from "zod";

/** Asks the guest agent of a drilled machine whether it is there. */
export interface GuestAgent {
  /** Asks once more; the answer to any question counts. True once one has come. */
  ask(): boolean;
  close(): void;
}

const answer = z.looseObject({ return: z.int() });
/** Before and after `guest-sync-delimited`, so that both sides find the beginning whatever was said before. */
const delimiter = 0xff;
const longest = 64 * 1024;

/**
 * Talks to qemu-ga over the socket of its channel, with `guest-sync-delimited` (docs/interop/qemu-ga-ref in QEMU's source),
 * whose answer shows that the agent runs and has read what was asked. Nothing that the guest says is used but its number.
 */
export function openGuestAgent(path: string): GuestAgent {
  const socket = createConnection({ path });
  const asked = new Set<number>();
  let answered = false;
  let text = "";
  let open = true;
  // A guest without an agent is no error; whether one answers is all that is asked.
  socket.on("error", () => (open = false));
  socket.on("close", () => (open = false));
  socket.on("data", (chunk) => {
    const parts = (text + chunk.toString("latin1")).split(/[\n\xff]/u);
    text = (parts.pop() ?? "").slice(-longest);
    for (const part of parts) {
      const parsed = answer.safeParse(parseJson(part));
      if (parsed.success && asked.has(parsed.data.return)) answered = true;
    }
  });
  return {
    ask() {
      if (answered || !open) return answered;
      const id = asked.size + 1 + Math.floor(Math.random() * 1e9) * 1000;
      asked.add(id);
      const question = JSON.stringify({ execute: "guest-sync-delimited", arguments: { id } });
      socket.write(Buffer.concat([Buffer.from([delimiter]), Buffer.from(`${question}\n`)]));
      return answered;
    },
    close: () => socket.destroy(),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
