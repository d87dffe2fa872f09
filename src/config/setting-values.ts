import { validate } from "node-cron";
import { z } from "zod";
import type { KeepRules } from "../contract/settings.ts";
import { wallClock } from "../contract/wall-clock.ts";
import { readRate } from "./read-rate.ts";

/*
 * What labels and configuration files say as text, as values. Each refuses other text with a message that says what is
 * wanted.
 */

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `60s`, `5m`, `2h`, `30d`, `4w`, or a bare number of seconds -> seconds. */
export const duration = parsed("a duration like 60s, 5m, 2h or 30d", (text) => {
  const [, amount, unit] = /^(\d{1,9})([smhdw]?)$/u.exec(text) ?? [];
  if (amount === undefined || Number(amount) === 0) return undefined;
  return Number(amount) * (units[unit ?? ""] ?? 1);
});

/** A cron expression of five or six fields. */
export const cron = parsed("a cron expression of five fields, like 0 2 * * *", (text) =>
  text.split(/\s+/u).length >= 5 && validate(text) ? text : undefined,
);

/** A time zone that this machine knows. */
export const timezone = parsed("a time zone like Europe/Berlin or UTC", (text) => {
  try {
    wallClock(text);
    return text;
  } catch {
    return undefined;
  }
});

const periods = ["last", "hourly", "daily", "weekly", "monthly", "yearly"] as const;

/** `last=7,daily=7,within=30d` -> rules. One that would keep nothing is refused. */
export const keep = parsed("rules like last=7,daily=7,weekly=4,within=30d, which keep at least one backup", (text) => {
  const rules: KeepRules = {};
  for (const part of text.split(",")) {
    const [name = "", amount = ""] = part.split("=").map((one) => one.trim());
    const period = periods.find((one) => one === name);
    if (period !== undefined && /^\d{1,6}$/u.test(amount) && rules[period] === undefined)
      rules[period] = Number(amount);
    else if (name === "within" && rules.withinSeconds === undefined && duration.safeParse(amount).success)
      rules.withinSeconds = duration.parse(amount);
    else return undefined;
  }
  return Object.values(rules).some((one: number | undefined) => one !== undefined && one > 0) ? rules : undefined;
});

/** `512MiB`, `2GB` -> bytes. */
export const size = parsed("an amount like 512MiB or 2GB", (text) => {
  const bytes = /^\d.*\D$/u.test(text) && !text.endsWith("/s") ? readRate(text) : undefined;
  return bytes === 0 ? undefined : bytes;
});

/** One of the words given. */
export function oneOf<const T extends string>(...words: readonly T[]): z.ZodType<T, string> {
  return parsed(words.join(", ").replace(/, ([^,]+)$/u, " or $1"), (text) => words.find((one) => one === text));
}

/** Text that matches an expression. */
export function matching(expression: RegExp, what: string): z.ZodType<string, string> {
  return parsed(what, (text) => (expression.test(text) ? text : undefined));
}

/** What another schema takes, or `off`, which is null. */
export function unlessOff<T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> {
  return z.string().transform((given, context) => {
    if (given.trim() === "off") return null;
    const result = schema.safeParse(given);
    if (result.success) return result.data;
    for (const { message } of result.error.issues) context.addIssue({ code: "custom", message: `${message}, or off` });
    return z.NEVER;
  });
}

/** A value that `parse` makes of the text, which is refused, naming what is wanted, where it gives undefined. */
export function parsed<T>(wanted: string, parse: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((given, context) => {
    const value = parse(given.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `wanted is ${wanted}` });
    return z.NEVER;
  });
}
