import type { Progress, RunReporter } from "../contract/run-event.ts";
import { errorCode } from "../failure/failure.ts";
import { describeProgress } from "./describe-progress.ts";

/** Where a verb's words go: results to standard output, progress and warnings to standard error. */
export interface Output {
  json: boolean;
  /** One line of a result for people; nothing with `--json`. */
  line(text: string): void;
  /** The result for programs; nothing without `--json`. */
  data(value: unknown): void;
  /**
   * A result that may be long, for people or programs, at the reader's pace. Ends early and quietly where the reader went
   * away (`davit files … | head`); fails where `chunks` does.
   */
  pour(chunks: AsyncIterable<string | Buffer>): Promise<void>;
  /** A warning or an error for people. */
  problem(text: string): void;
  /** Shows a run's stages and progress on a terminal, its warnings and what commands print everywhere. */
  reporter(): RunReporter;
}

export interface Streams {
  stdout: Pick<NodeJS.WriteStream, "write" | "on" | "once" | "off">;
  stderr: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;
}

/** `word` has the last word on what is told of mistakes and warnings. */
export function createOutput(
  json: boolean,
  { stdout, stderr }: Streams,
  word: (text: string) => string = (text) => text,
): Output {
  let drawn = false;
  const reader = followReader(stdout);
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
      if (!json && !reader.isGone()) stdout.write(`${text}\n`);
    },
    data(value) {
      clear();
      if (json && !reader.isGone()) stdout.write(`${word(JSON.stringify(value))}\n`);
    },
    async pour(chunks) {
      clear();
      for await (const chunk of chunks) {
        if (!stdout.write(chunk)) await reader.ready();
        if (reader.isGone()) return;
      }
    },
    problem(text) {
      clear();
      stderr.write(`${word(text)}\n`);
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
          stderr.write(word(`warning: ${message}${hint === undefined ? "" : `\n  hint: ${hint}`}\n`));
        },
        output(source, line) {
          clear();
          stderr.write(`${source}: ${line}\n`);
        },
      };
    },
  };
}

/**
 * Knows when the reader of standard output is ready for more, and when it went away. That must not end the process: a run
 * in progress still has to release what it holds.
 */
function followReader(stdout: Streams["stdout"]): { isGone(): boolean; ready(): Promise<void> } {
  let gone = false;
  stdout.on("error", (error: unknown) => {
    if (errorCode(error) !== "EPIPE") throw error;
    gone = true;
  });
  return {
    isGone: () => gone,
    ready: async () =>
      new Promise((resolve) => {
        const done = (): void => {
          stdout.off("drain", done);
          stdout.off("error", done);
          resolve();
        };
        stdout.once("drain", done);
        stdout.once("error", done);
      }),
  };
}
