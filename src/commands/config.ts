import { printableConfig } from "../config/printable-config.ts";
import { notifySettings } from "../config/notify-settings.ts";
import { settings } from "../config/settings.ts";
import { Failure } from "../failure/failure.ts";
import type { Command } from "./command.ts";
import { formatTable } from "./format-table.ts";

export const config: Command = {
  name: "config",
  summary: "print the effective configuration",
  usage: `davit config

Prints every setting as it is in effect, with the variable that sets it: the environment over davit.yaml over defaults.
Of a secret only whether it is set.`,
  async run(context) {
    if (context.names.length > 0)
      throw new Failure("usage", `config takes no names, but ${context.names[0]} was given`, {
        hint: "`davit config` prints all settings",
      });
    const { modules, ...values } = printableConfig(context.config());
    const { notify } = values;
    const told = new Map<string, unknown>(Object.entries(notify).map(([key, value]) => [`notify.${key}`, value]));
    const shown = new Map<string, unknown>(Object.entries(values));
    const file = context.configFile();
    const rows = settings.map(({ key, variable }) => [key, show(shown.get(key) ?? "not set"), variable]);
    rows.push(["agent", values.agent, "DAVIT_AGENT or DAVIT_AGENT_FILE"]);
    rows.push(["password", values.password, "DAVIT_PASSWORD or DAVIT_PASSWORD_FILE"]);
    for (const { key, variable } of notifySettings) rows.push([key, show(told.get(key) ?? "not set"), variable]);
    rows.push(["notify.smtp", notify.smtp, "DAVIT_SMTP_URL or DAVIT_SMTP_URL_FILE"]);
    rows.push(["notify.telegramToken", notify.telegramToken, "DAVIT_TELEGRAM_TOKEN or DAVIT_TELEGRAM_TOKEN_FILE"]);
    rows.push(["notify.webhook", notify.webhook, "DAVIT_WEBHOOK_URL or DAVIT_WEBHOOK_URL_FILE"]);
    rows.push(["davit.yaml", file ?? "none", "DAVIT_CONFIG"]);
    for (const line of formatTable([["SETTING", "VALUE", "SET BY"], ...rows])) context.output.line(line);
    const labels = Object.entries(modules).flatMap(([module, given]) =>
      Object.entries(given).map(([name, value]) => [`  ${module}`, `davit.${name}`, value]),
    );
    if (labels.length > 0) context.output.line("\nof single modules, by davit.yaml (labels go before these):");
    for (const line of formatTable(labels)) context.output.line(line);
    context.output.data({ file, ...values, modules });
    return 0;
  },
};

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(",");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value).join(":");
}
