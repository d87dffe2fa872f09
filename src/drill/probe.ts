// Runs in a container of its own, in the network of the one that is asked; it gets this file's text, and imports nothing of ours.
import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const [type = "tcp", port = "", path = "/", seconds = "5"] = process.argv.slice(1);
const until = Date.now() + Number(seconds) * 1000;
const answerMs = 5000;

/** The container's own addresses first, since that is where the others of its module ask. */
function addresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const outer = all.filter((one) => !one.internal && !one.address.startsWith("fe80:")).map((one) => one.address);
  return [...outer, "127.0.0.1", "::1"];
}

function asksTcp(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: answerMs });
    socket.once("connect", () => {
      socket.destroy();
      resolve(`port ${port} answers`);
    });
    socket.once("timeout", () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
  });
}

function asksHttp(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port: Number(port), path, timeout: answerMs }, (answer) => {
      const status = answer.statusCode ?? 0;
      answer.destroy();
      if (status >= 200 && status < 400) resolve(`http:${port}${path} answers ${status}`);
      else reject(new Error(`http:${port}${path} answers ${status}`));
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer")));
    asked.once("error", reject);
    asked.end();
  });
}

async function ask(): Promise<{ ok: boolean; said: string }> {
  let said = "";
  for (const host of addresses()) {
    try {
      return { ok: true, said: await (type === "http" ? asksHttp(host) : asksTcp(host)) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // An answer that is wrong tells more than an address at which nothing listens.
      if (said === "" || message.includes(" answers ")) said = message;
    }
  }
  return { ok: false, said };
}

let last = await ask();
while (!last.ok && Date.now() < until) {
  await delay(250);
  last = await ask();
}
process.stdout.write(JSON.stringify(last));
