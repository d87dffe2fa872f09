import { z } from "zod";
import type { Config } from "../config/config.ts";
import type { Message } from "../contract/notification.ts";
import { Failure } from "../failure/failure.ts";
import { cut, tame } from "./plain-text.ts";
import { type Answer, postJson } from "./post-json.ts";
import { TryLater } from "./try-later.ts";

type Telegram = NonNullable<Config["notify"]["telegram"]>;

/** A message may have 4096 characters. */
const mostCharacters = 4000;

/** As https://core.telegram.org/bots/api describes it under "Making requests" and "ResponseParameters". */
const botAnswer = z.looseObject({
  ok: z.boolean(),
  result: z.looseObject({ message_id: z.number() }).optional(),
  description: z.string().optional(),
  parameters: z.looseObject({ retry_after: z.number().optional() }).optional(),
});

/** Sends a message to a chat by the Bot API's `sendMessage`, as plain text, so that nothing in it is markup. */
export async function sendTelegram(telegram: Telegram, message: Message, signal: AbortSignal): Promise<string> {
  const { token, chat, api } = telegram;
  const text = cut(`${message.title}\n\n${message.text}`, mostCharacters);
  const body = { chat_id: chat, text, link_preview_options: { is_disabled: true } };
  const { host } = new URL(api);
  const name = api === "https://api.telegram.org" ? "Telegram" : `the Bot API at ${host}`;
  const answer = await postJson(`${api}/bot${token}/sendMessage`, body, name, signal);
  const { ok, said, retryAfter } = read(answer);
  if (ok) return said;
  if (answer.status === 429)
    throw new TryLater(`${name} takes no more messages now: ${said}`, 1000 * within(retryAfter ?? 30));
  if (answer.status >= 500)
    throw new Failure("unreachable", `${name} has trouble of its own: ${said}`, { hint: "try again later" });
  throw new Failure("config", `${name} refused the message: ${said.replaceAll(token, "…")}`, {
    hint: hints[answer.status] ?? "look at DAVIT_TELEGRAM_API",
  });
}

const hints: Readonly<Record<number, string>> = {
  400: "look at DAVIT_TELEGRAM_CHAT: write to the bot first, or add it to the group; then the chat's number is right",
  401: "look at DAVIT_TELEGRAM_TOKEN: @BotFather has the bot's token",
  403: "the bot may not write there: start it, or let it into the group again",
  404: "look at DAVIT_TELEGRAM_TOKEN: @BotFather has the bot's token",
};

/** Seconds that are sensible, whatever a server says. */
function within(seconds: number): number {
  return Math.min(3600, Math.max(1, seconds));
}

function read({ status, text }: Answer): { ok: boolean; said: string; retryAfter: number | undefined } {
  const answer = botAnswer.safeParse(parsed(text)).data;
  if (answer?.ok === true)
    return { ok: true, said: `message ${answer.result?.message_id ?? ""}`, retryAfter: undefined };
  const said = answer?.description ?? `status ${status}, and nothing that a Bot API says`;
  return { ok: false, said: tame(said), retryAfter: answer?.parameters?.retry_after };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
