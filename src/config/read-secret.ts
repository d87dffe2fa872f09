import { readFileSync } from "node:fs";
import { errorCode, Failure } from "../failure/failure.ts";

/**
 * A secret from the variable `name`, or from the file that `<name>_FILE` names, without the line end at its end; null where
 * neither is set. Throws a `config` Failure where both are set, or where the file is empty or can't be read; the secret is
 * in no message.
 */
export function readSecret(name: string, environment: Readonly<Record<string, string | undefined>>): string | null {
  const value = environment[name] ?? "";
  const file = environment[`${name}_FILE`] ?? "";
  if (value !== "" && file !== "")
    throw new Failure("config", `both ${name} and ${name}_FILE are set`, { hint: "set one of them" });
  if (file === "") return value === "" ? null : value;
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (thrown) {
    throw new Failure("config", `can't read ${file}, which ${name}_FILE names (${errorCode(thrown) ?? "unknown"})`, {
      hint: "look whether the file is there, is mounted into the container, and may be read by Davit",
      cause: thrown,
    });
  }
  const secret = content.replace(/\r?\n$/u, "");
  if (secret !== "") return secret;
  throw new Failure("config", `${file}, which ${name}_FILE names, is empty`, { hint: "write the secret into it" });
}
