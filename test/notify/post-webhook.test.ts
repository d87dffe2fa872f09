import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import type { Message } from "../../src/contract/notification.ts";
import { openChannels } from "../../src/notify/open-channels.ts";
import { postWebhook } from "../../src/notify/post-webhook.ts";
import { startSilentServer } from "../fixtures/notify/mail-server.ts";

const message: Message = {
  title: "Davit on docker1: nas was not backed up",
  text: "nas was not backed up\n",
  host: "docker1",
  at: "2026-11-22T02:00:00.000Z",
  items: [{ module: "nas", subject: "backup", news: "problem", text: "nas was not backed up" }],
};
const never = new AbortController().signal;

interface Hook {
  address: string;
  got: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: unknown }[];
}

async function startHook(status: number, headers: Record<string, string> = {}): Promise<Hook> {
  const got: Hook["got"] = [];
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        got.push({ method: request.method, url: request.url, headers: request.headers, body: JSON.parse(body) });
        response.writeHead(status, headers).end("what it has to say");
      },
      () => response.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens at no port");
  return { address: `127.0.0.1:${address.port}`, got };
}

it("a webhook gets title, message and each item as JSON", async () => {
  const hook = await startHook(204);
  expect(await postWebhook(`http://${hook.address}/davit?x={{.title}}`, message, never)).toBe("status 204");
  const [{ method, headers, body } = { method: "", headers: {}, body: null }] = hook.got;
  expect([method, headers["content-type"]]).toEqual(["POST", "application/json"]);
  const { title, text: sent, host, at, items } = message;
  expect(body).toEqual({ title, message: sent, host, at, items });
});

it("user and password of an address go into a header", async () => {
  const hook = await startHook(200);
  await postWebhook(`http://me:p%40ss@${hook.address}/`, message, never);
  expect(hook.got[0]?.headers.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
});

it.each([
  [500, "unreachable"],
  [429, "unreachable"],
  [404, "config"],
  [301, "config"],
])("status %s is a failure that does not tell the address", async (status, kind) => {
  const hook = await startHook(status, { location: "http://127.0.0.1:9/elsewhere" });
  await expect(postWebhook(`http://${hook.address}/secret-path`, message, never)).rejects.toMatchObject({
    kind,
    message: expect.not.stringContaining("secret-path"),
  });
  expect(hook.got).toHaveLength(1);
});

it("one that never answers is given up", async () => {
  const port = await startSilentServer();
  await expect(postWebhook(`http://127.0.0.1:${port}/secret-path`, message, never)).rejects.toMatchObject({
    kind: "unreachable",
    message: expect.stringMatching(/does not answer: no answer within 15 seconds$/u),
  });
});

it("of each channel is shown whom it reaches, and no secret", () => {
  const channels = openChannels({
    when: "problems",
    email: {
      server: { host: "mail.lan", port: 587, secure: false, user: "davit", password: "hunter2" },
      from: "davit@example.org",
      to: ["me@example.org", "you@example.org"],
    },
    telegram: { token: "1:hunter2", chat: "-100", api: "https://api.telegram.org" },
    webhook: "https://me:hunter2@hooks.example.org/hunter2",
  });
  expect(channels.map(({ name, to }) => [name, to])).toEqual([
    ["email", "me@example.org, you@example.org"],
    ["telegram", "chat -100"],
    ["webhook", "hooks.example.org"],
  ]);
});
