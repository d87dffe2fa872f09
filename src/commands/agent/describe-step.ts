import type { InstallStep } from "../../install/install-step.ts";

const words: Readonly<Record<InstallStep["outcome"], string>> = {
  made: "made",
  changed: "changed",
  kept: "as it was",
  wanted: "would do",
  removed: "removed",
  left: "NOT DONE",
};

/** What was done, as one line. */
export function describeStep({ what, outcome, note }: InstallStep): string {
  return `${words[outcome].padEnd(9)}  ${what}${note === undefined ? "" : `: ${note}`}`;
}
