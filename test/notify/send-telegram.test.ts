import { expect, it } from "vitest";
import type { Message } from "../../src/contract/notification.ts";
import { sendTelegram } from "../../src/notify/send-telegram.ts";
import { TryLater } from "../../src/notify/try-later.ts";
import { type BotApi, chat, startBotApi, token } from "../fixtures/notify/bot-api.ts";

const message: Message = {
  title: "Davit on docker1: nas was not backed up",
  text: "nas was not backed up\n  why: *bold* <b>_under_</b> [x](http://y)\n",
  host: "docker1",
  at: "2026-11-22T02:00:00.000Z",
  items: [],
};
const never = new AbortController().signal;

/** What becomes of a message where the API answers so. */
async function after(status: number, body: unknown): Promise<unknown> {
  const api = await startBotApi();
  api.next = { status, body: typeof body === "string" ? body : JSON.stringify(body) };
  return send(api).catch((thrown: unknown) => thrown);
}

async function send(api: BotApi, more: { token?: string; chat?: string } = {}, sent = message): Promise<string> {
  return sendTelegram({ token, chat, api: api.url, ...more }, sent, never);
}

it("a message arrives as it is: nothing in it is markup", async () => {
  const api = await startBotApi();
  await send(api);
  expect(api.texts).toEqual([`${message.title}\n\n${message.text}`]);
});

it("a message that is too long is cut, and not in the middle of a character", async () => {
  const api = await startBotApi();
  await send(api, {}, { ...message, text: `x${"😀".repeat(3000)}` });
  expect(api.texts[0]?.length).toBeLessThanOrEqual(4096);
  expect(api.texts[0]?.isWellFormed()).toBe(true);
  expect(api.texts[0]?.endsWith("…")).toBe(true);
});

it("a wrong token and a chat that there is none of are said, without the token", async () => {
  const api = await startBotApi();
  await expect(send(api, { token: "1:wrong" })).rejects.toMatchObject({
    kind: "config",
    message: expect.not.stringContaining("1:wrong"),
    hint: expect.stringContaining("DAVIT_TELEGRAM_TOKEN"),
  });
  await expect(send(api, { chat: "99" })).rejects.toMatchObject({
    kind: "config",
    message: expect.stringContaining("chat not found"),
    hint: expect.stringContaining("DAVIT_TELEGRAM_CHAT"),
  });
});

it("a bot that was thrown out, a flood, trouble at the other side: each is told apart", async () => {
  const blocked = { ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" };
  expect(await after(403, blocked)).toMatchObject({ kind: "config", message: expect.stringContaining("was blocked") });
  const flood = {
    ok: false,
    error_code: 429,
    description: "Too Many Requests: retry after 34",
    parameters: { retry_after: 34 },
  };
  const later = await after(429, flood);
  expect(later).toBeInstanceOf(TryLater);
  expect(later).toMatchObject({ afterMs: 34_000 });
  expect(await after(429, { ...flood, parameters: { retry_after: -5 } })).toMatchObject({ afterMs: 1000 });
  expect(await after(502, "<html>Bad Gateway</html>")).toMatchObject({ kind: "unreachable" });
  expect(await after(200, "<html>Welcome to the guest network</html>")).toMatchObject({ kind: "config" });
  expect(await after(200, { ok: false, description: "no" })).toMatchObject({ kind: "config" });
});

it("an API that nobody answers at is unreachable, and the token is in no word of that", async () => {
  const thrown = await sendTelegram({ token, chat, api: "http://127.0.0.1:9" }, message, never).catch(
    (one: unknown) => one,
  );
  expect(thrown).toMatchObject({ kind: "unreachable", message: expect.stringContaining("127.0.0.1:9") });
  expect(String(thrown instanceof Error ? thrown.stack : thrown)).not.toContain(token);
});
