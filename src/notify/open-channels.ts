import type { Config } from "../config/config.ts";
import type { Channel } from "./channel.ts";
import { postWebhook } from "./post-webhook.ts";
import { sendMail } from "./send-mail.ts";
import { sendTelegram } from "./send-telegram.ts";

/** The channels that are set up. */
export function openChannels({ email, telegram, webhook }: Config["notify"]): Channel[] {
  const channels: Channel[] = [];
  if (email !== null)
    channels.push({
      name: "email",
      to: email.to.join(", "),
      send: (message, signal) => sendMail(email, message, signal),
    });
  if (telegram !== null)
    channels.push({
      name: "telegram",
      to: `chat ${telegram.chat}`,
      send: (message, signal) => sendTelegram(telegram, message, signal),
    });
  if (webhook !== null)
    channels.push({
      name: "webhook",
      // Its path may be a secret.
      to: new URL(webhook).host,
      send: (message, signal) => postWebhook(webhook, message, signal),
    });
  return channels;
}
