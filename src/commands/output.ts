import type { Progress, RunReporter } from "../contract/run-event.ts";
import { describeProgress } from "./describe-progress.ts";

/** Where a verb's words go: results to standard output, progress and warnings to standard error. */
export interface Output {
  json: boolean;
  /** One line of a result for people; nothing with `--json`. */
  line(text: string): void;
  /** The result for programs; nothing without `--json`. */
  data(value: unknown): void;
  /** A warning or an error for people. */
  problem(text: string): void;
  /** Shows a run's stages and progress on a terminal, its warnings everywhere. */
  reporter(): RunReporter;
}

export interface Streams {
  stdout: Pick<NodeJS.WriteStream, "write">;
  stderr: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;
}

export function createOutput(json: boolean, { stdout, stderr }: Streams): Output {
  let drawn = false;
  const clear = (): void => {
    if (drawn) stderr.write("\r\u001B[2K");
    drawn = false;
  };
  const draw = (text: string): void => {
    if (!stderr.isTTY || json) return;
    stderr.write(`\r\u001B[2K${text.slice(0, (stderr.columns || 80) - 1)}`);
    drawn = true;
  };
  return {
    json,
    line(text) {
      clear();
      if (!json) stdout.write(`${text}\n`);
    },
    data(value) {
      clear();
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    problem(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    reporter() {
      const started = Date.now();
      let stage = "";
      let lastDrawn = 0;
      return {
        stage(name) {
          stage = name;
          draw(`${name} …`);
        },
        progress(now: Progress) {
          if (Date.now() - lastDrawn < 100) return;
          lastDrawn = Date.now();
          draw(`${stage} ${describeProgress(now, Date.now() - started)}`);
        },
        warning(message, hint) {
          clear();
          stderr.write(`warning: ${message}${hint === undefined ? "" : `\n  hint: ${hint}`}\n`);
        },
      };
    },
  };
}
