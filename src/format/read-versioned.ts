import { readFile } from "node:fs/promises";
import { z } from "zod";
import { errorCode } from "../failure/failure.ts";

/** A document's content, or what is wrong with it, for people. */
export type Seen<T> = { content: T; problem: null } | { content: null; problem: string };

const versioned = z.looseObject({ format: z.number() });

/**
 * Reads a JSON document that says its `format` first. That is looked at before anything else: one above `newest` is told as
 * such, since its other fields may mean something else. Never throws.
 */
export async function readVersioned<T>(file: string, schema: z.ZodType<T>, newest: number): Promise<Seen<T>> {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const broken = (problem: string): Seen<T> => ({ content: null, problem: `${name} ${problem}` });
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return broken("is damaged: it is not JSON");
    if (errorCode(thrown) === "ENOENT") return broken("is missing");
    return broken(`can't be read (${errorCode(thrown) ?? String(thrown)})`);
  }
  const version = versioned.safeParse(content);
  if (!version.success) return broken("is damaged: it names no format");
  const { format } = version.data;
  if (format > newest)
    return {
      content: null,
      problem: `written by a newer Davit (format ${format}, this one reads up to ${newest}): update Davit`,
    };
  const parsed = schema.safeParse(content);
  if (parsed.success) return { content: parsed.data, problem: null };
  const issue = parsed.error.issues[0];
  return broken(`is damaged: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
}
