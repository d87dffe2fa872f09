import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** Chromium, by its DevTools protocol. */
export interface Chromium {
  /** Sends a command, to a page's session or to the browser; gives what the schema makes of the answer. */
  ask<T>(result: z.ZodType<T>, method: string, params?: object, session?: string): Promise<T>;
  close(): Promise<void>;
}

const answer = z.object({ id: z.int(), result: z.unknown(), error: z.object({ message: z.string() }).optional() });
const options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"];
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

/**
 * Starts Chromium. Playwright would not do: it has Chromium watch the network, which costs a page a third of its start by
 * noting for each request which line of the page's code made it.
 */
export async function openChromium(): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), "davit-bench-chromium-"));
  const process = spawn("/usr/bin/chromium", [...options, ...quiet, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(process, "close");
  const socket = new WebSocket(await addressIn(process.stderr));
  await once(socket, "open");
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  socket.addEventListener("message", ({ data }) => {
    const { success, data: message } = answer.safeParse(JSON.parse(String(data)));
    if (!success) return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) asked?.resolve(message.result);
    else asked?.reject(new Error(message.error.message));
  });
  let last = 0;
  return {
    async ask(result, method, params = {}, session) {
      last += 1;
      const asked = Promise.withResolvers<unknown>();
      waiting.set(last, asked);
      socket.send(JSON.stringify({ id: last, method, params, sessionId: session }));
      return result.parse(await asked.promise);
    },
    async close() {
      process.kill("SIGKILL");
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Where it listens, which it says on its standard error. */
async function addressIn(stderr: AsyncIterable<Buffer>): Promise<string> {
  let said = "";
  for await (const piece of stderr) {
    said += piece.toString();
    const address = /ws:\/\/\S+/u.exec(said)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`Chromium did not start: ${said}`);
}
