import { existsSync } from "node:fs";
import path from "node:path";

/** Where davit.yaml is: DAVIT_CONFIG, else the first of ./davit.yaml and /etc/davit/davit.yaml that exists; null where none does. */
export function findYaml(environment: Readonly<Record<string, string | undefined>>): string | null {
  const named = environment["DAVIT_CONFIG"];
  if (named !== undefined && named !== "") return path.resolve(named);
  return ["davit.yaml", "/etc/davit/davit.yaml"].map((one) => path.resolve(one)).find((one) => existsSync(one)) ?? null;
}
