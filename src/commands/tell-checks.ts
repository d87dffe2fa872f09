import type { DoctorCheck } from "../contract/api.ts";
import { exitCodes } from "../failure/failure.ts";
import type { Output } from "./output.ts";

/** Prints the checks with what to do about each, and gives the exit code. */
export function tellChecks(checks: readonly DoctorCheck[], output: Output): number {
  const width = Math.max(...checks.map((one) => one.name.length));
  for (const { name, status, message, hint } of checks) {
    output.line(`${status.padEnd(7)}  ${name.padEnd(width)}  ${message}`);
    if (hint !== undefined) output.line(`${" ".repeat(9 + width + 2)}hint: ${hint}`);
  }
  const count = (status: string): number => checks.filter((one) => one.status === status).length;
  output.line(`\n${summary(count("error"), count("warning"))}`);
  output.data(checks);
  return count("error") > 0 ? exitCodes.failed : 0;
}

function summary(errors: number, warnings: number): string {
  if (errors + warnings === 0) return "all is well";
  const parts = [
    ...(errors > 0 ? [`${errors} ${errors === 1 ? "error" : "errors"}`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? "warning" : "warnings"}`] : []),
  ];
  return parts.join(", ");
}
