import { moduleName } from "../contract/backup-id.ts";
import { Failure } from "../failure/failure.ts";

/** Throws a `usage` Failure for a word that can't be a module's, or a machine's, name. */
export function checkModuleNames(words: readonly string[], noun: "module" | "machine" = "module"): void {
  for (const word of words)
    if (!moduleName.safeParse(word).success)
      throw new Failure("usage", `${JSON.stringify(word)} is not a ${noun}'s name`, {
        hint: `a name has letters, digits, '_', '.' and '-'; \`davit ${noun === "module" ? "modules" : "agent machines"}\` lists them`,
      });
}
