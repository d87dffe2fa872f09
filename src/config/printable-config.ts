import type { Config } from "./config.ts";

type Secret = "password" | "agent" | "notify";

export interface PrintableConfig extends Omit<Config, Secret> {
  password: string;
  agent: string;
  notify: {
    when: string;
    smtp: string;
    mailFrom: string | null;
    mailTo: string[];
    telegramToken: string;
    telegramChat: string | null;
    telegramApi: string | null;
    webhook: string;
  };
}

/** The configuration as a person may see it: of a secret only whether it is set, of agent and mail server only where they are. */
export function printableConfig(config: Config): PrintableConfig {
  const { agent, password, notify } = config;
  const { when, email, telegram, webhook } = notify;
  return {
    ...config,
    password: password === null ? notSet : "set",
    agent: agent === null ? notSet : placeOf(agent),
    notify: {
      when,
      smtp: email === null ? notSet : `${email.server.secure ? "smtps" : "smtp"}://${placeOf(email.server)}`,
      mailFrom: email?.from ?? null,
      mailTo: email?.to ?? [],
      telegramToken: telegram === null ? notSet : "set",
      telegramChat: telegram?.chat ?? null,
      telegramApi: telegram?.api ?? null,
      webhook: webhook === null ? notSet : "set",
    },
  };
}

const notSet = "not set";

function placeOf({ host, port }: { host: string; port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
