import type { Message } from "../contract/notification.ts";
import { Failure } from "../failure/failure.ts";
import { postJson } from "./post-json.ts";

/** Posts a message as JSON (docs/notifications.md); every status from 200 to 299 means that it was taken. */
export async function postWebhook(address: string, message: Message, signal: AbortSignal): Promise<string> {
  const name = `the webhook at ${new URL(address).host}`;
  const { title, text, host, at, items } = message;
  const { status } = await postJson(address, { title, message: text, host, at, items }, name, signal);
  if (status >= 200 && status < 300) return `status ${status}`;
  if (status >= 500 || status === 429 || status === 408)
    throw new Failure("unreachable", `${name} answered with status ${status}`, {
      hint: "look at the log of what stands there",
    });
  throw new Failure("config", `${name} refused the message with status ${status}`, {
    hint: "look at DAVIT_WEBHOOK_URL",
  });
}
