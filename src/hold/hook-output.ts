import { StringDecoder } from "node:string_decoder";
import type { RunReporter } from "../contract/run-event.ts";
import type { ExecRequest } from "../docker/exec.ts";

type Stream = "stdout" | "stderr";

/** The line of a stream that is being read, and the last before it that was not empty. */
interface OpenLine {
  decoder: StringDecoder;
  text: string;
  cut: boolean;
  last: string | null;
}

/** What of a hook's output is told: a line's length, and how many lines. */
const longestLine = 1000;
const mostLines = 500;

export interface HookOutput {
  onOutput: NonNullable<ExecRequest["onOutput"]>;
  /** Tells what is left once the command has ended; gives its last line that is not empty, of stderr before stdout. */
  end(): string | null;
}

/** Cuts what a command prints into lines and tells each; what is beyond the bounds is counted and told as such. */
export function createHookOutput(source: string, reporter: Pick<RunReporter, "output">): HookOutput {
  const open = { stdout: beginLine(), stderr: beginLine() };
  let lines = 0;

  function tell(stream: Stream): void {
    const line = open[stream];
    const text = printable(line.text) + (line.cut ? " …" : "");
    line.text = "";
    line.cut = false;
    if (text.trim() === "") return;
    line.last = text;
    lines += 1;
    if (lines <= mostLines) reporter.output(source, text);
  }

  function add(stream: Stream, text: string): void {
    const line = open[stream];
    const [first = "", ...rest] = text.split("\n");
    const room = longestLine - line.text.length;
    line.text += first.slice(0, room);
    line.cut ||= first.length > room;
    for (const next of rest) {
      tell(stream);
      line.text = next.slice(0, longestLine);
      line.cut = next.length > longestLine;
    }
  }

  return {
    onOutput: (stream, bytes) => add(stream, open[stream].decoder.write(bytes)),
    end() {
      for (const stream of ["stdout", "stderr"] as const) {
        add(stream, open[stream].decoder.end());
        tell(stream);
      }
      if (lines > mostLines) reporter.output(source, `… and ${lines - mostLines} more lines, which are not kept`);
      return open.stderr.last ?? open.stdout.last;
    },
  };
}

function beginLine(): OpenLine {
  return { decoder: new StringDecoder("utf8"), text: "", cut: false, last: null };
}

const escape = String.fromCharCode(27);

/** Without what would move a terminal's cursor or change its colours. */
function printable(text: string): string {
  return text
    .replace(new RegExp(String.raw`${escape}\[[\d;?]*[ -/]*[@-~]`, "gu"), "")
    .replaceAll("\t", "  ")
    .replace(/\p{Cc}/gu, "");
}
