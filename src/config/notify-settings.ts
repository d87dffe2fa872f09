import { Failure } from "../failure/failure.ts";
import type { Config } from "./config.ts";
import { readSecret } from "./read-secret.ts";
import type { Setting } from "./settings.ts";

type MailServer = NonNullable<Config["notify"]["email"]>["server"];

/** An address alone, without a name before it. */
const address = /^[^\s@<>(),;:"[\]]+@[^\s@<>(),;:"[\]]+$/u;

/** The settings of notifications that are no secrets; in davit.yaml they stand below `notify`. */
export const notifySettings: readonly Setting[] = [
  {
    key: "notify.when",
    variable: "DAVIT_NOTIFY",
    fallback: "problems",
    expected: "one of problems, all, off",
    example: "problems",
    parse: (text) => (["problems", "all", "off"].includes(text) ? text : undefined),
  },
  {
    key: "notify.mailFrom",
    variable: "DAVIT_MAIL_FROM",
    fallback: undefined,
    expected: "an e-mail address",
    example: "davit@example.org",
    parse: (text) => (address.test(text) ? text : undefined),
  },
  {
    key: "notify.mailTo",
    variable: "DAVIT_MAIL_TO",
    fallback: undefined,
    expected: "a comma-separated list of e-mail addresses",
    example: "me@example.org",
    parse: (text) => {
      const all = text.split(",").map((one) => one.trim());
      return all.every((one) => address.test(one)) ? all : undefined;
    },
  },
  {
    key: "notify.telegramChat",
    variable: "DAVIT_TELEGRAM_CHAT",
    fallback: undefined,
    expected: "the number of a chat, or a channel's @name",
    example: "123456789",
    parse: (text) => (/^(?:-?\d{1,20}|@\w{5,32})$/u.test(text) ? text : undefined),
  },
  {
    key: "notify.telegramApi",
    variable: "DAVIT_TELEGRAM_API",
    fallback: "https://api.telegram.org",
    expected: "the address of a Bot API server",
    example: "https://api.telegram.org",
    parse: (text) => webAddress(text)?.href.replace(/\/+$/u, ""),
  },
];

/** The secrets of notifications, each also as a file. */
export const notifySecrets = ["DAVIT_SMTP_URL", "DAVIT_TELEGRAM_TOKEN", "DAVIT_WEBHOOK_URL"] as const;

/**
 * How people are told, from the values of `notifySettings` and from secrets. Throws a `config` Failure for a channel of which a
 * part is missing, and for a secret that can't be one; no secret is in a message.
 */
export function readNotify(
  value: (key: string) => unknown,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  const secret = (name: (typeof notifySecrets)[number]): string | null => readSecret(name, environment)?.trim() ?? null;
  return {
    when: value("notify.when"),
    email: readEmail(secret("DAVIT_SMTP_URL"), value("notify.mailFrom"), value("notify.mailTo")),
    telegram: readTelegram(secret("DAVIT_TELEGRAM_TOKEN"), value("notify.telegramChat"), value("notify.telegramApi")),
    webhook: readWebhook(secret("DAVIT_WEBHOOK_URL")),
  };
}

function readEmail(url: string | null, from: unknown, to: unknown): unknown {
  requireWhole({ DAVIT_SMTP_URL: url, DAVIT_MAIL_FROM: from, DAVIT_MAIL_TO: to });
  return url === null ? null : { server: readServer(url), from, to };
}

function readServer(text: string): MailServer {
  const url = URL.parse(text);
  if (url === null || !/^smtps?:$/u.test(url.protocol) || !/^[\w.[\]:-]+$/u.test(url.hostname) || !isBare(url))
    throw wrongSecret("DAVIT_SMTP_URL", "the address of a mail server", "smtp://USER:PASSWORD@mail.example.org:587");
  if ((url.username === "") !== (url.password === ""))
    throw new Failure("config", "DAVIT_SMTP_URL has a user name without a password, or the other way round", {
      hint: "write both, smtp://USER:PASSWORD@HOST:587, or none; in them, @ is %40, : is %3A, / is %2F and % is %25",
    });
  const secure = url.protocol === "smtps:";
  return {
    host: url.hostname.replace(/^\[(.*)\]$/u, "$1"),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    user: url.username === "" ? null : decoded(url.username),
    password: url.password === "" ? null : decoded(url.password),
  };
}

function isBare({ pathname, search, hash }: URL): boolean {
  return /^\/?$/u.test(pathname) && search === "" && hash === "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Failure("config", "DAVIT_SMTP_URL has a % that begins no character", { hint: "write %25 for a %" });
  }
}

function readTelegram(token: string | null, chat: unknown, api: unknown): unknown {
  requireWhole({ DAVIT_TELEGRAM_TOKEN: token, DAVIT_TELEGRAM_CHAT: chat });
  if (token === null) return null;
  if (!/^\d{1,20}:[\w-]{1,100}$/u.test(token))
    throw wrongSecret("DAVIT_TELEGRAM_TOKEN", "a bot's token", "123456:ABC-DEF, as @BotFather gives it");
  return { token, chat, api };
}

function readWebhook(text: string | null): string | null {
  if (text === null) return null;
  const url = webAddress(text);
  if (url === null) throw wrongSecret("DAVIT_WEBHOOK_URL", "an address", "https://hooks.example.org/davit");
  return url.href;
}

function requireWhole(parts: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(parts);
  const isGiven = (name: string): boolean => parts[name] !== null && parts[name] !== undefined;
  const given = names.filter(isGiven);
  if (given.length === 0 || given.length === names.length) return;
  const missing = names.filter((name) => !isGiven(name)).join(" and ");
  throw new Failure("config", `${given.join(" and ")} without ${missing}`, {
    hint: `set ${missing} as well: docs/notifications.md`,
  });
}

/** The secret is not shown. */
function wrongSecret(name: string, what: string, example: string): Failure {
  return new Failure("config", `${name} is not ${what}`, { hint: `set it to something like ${example}` });
}

function webAddress(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/u.test(url.protocol) ? url : null;
}
