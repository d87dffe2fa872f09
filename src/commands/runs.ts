import type { RunEvent, RunSummary } from "../contract/run-event.ts";
import { exitCodes, Failure } from "../failure/failure.ts";
import type { Davit } from "../flow/davit.ts";
import { checkModuleNames } from "./check-module-names.ts";
import type { Verb, VerbContext } from "./command.ts";
import { describeEvent } from "./describe-event.ts";
import { formatAge } from "./format-age.ts";
import { formatDuration } from "./format-amounts.ts";
import { formatTable } from "./format-table.ts";
import { wallTimes } from "./wall-times.ts";

/** What has runs to be listed. */
interface RunSource extends Pick<Davit, "runs" | "now"> {
  config: { timezone: string };
}

interface RunsContext extends VerbContext {
  open(): Promise<RunSource>;
}

/** The verb `runs` of a command line, whose runs are those of modules or of machines. */
export function createRuns(program: string, noun: "module" | "machine"): Verb<RunsContext> {
  return {
    name: "runs",
    summary: "list what was done and is being done, or follow one run",
    usage: `${program} runs [${noun.toUpperCase()}…] [--limit N]
${program} runs --show RUN
${program} runs --follow RUN

Lists the runs of the ${noun}s named, or all, newest first.

  --limit N     so many runs (20 when not given)
  --show RUN    print what happened in that run
  --follow RUN  print it as it happens, until the run ends; the exit code tells how it ended: 0 done, 130 cancelled,
                1 interrupted, else that of its failure
  --json        with --follow one JSON object a line, an event each`,
    options: { limit: { type: "string" }, show: { type: "string" }, follow: { type: "string" } },
    async run(context) {
      const { values, names } = context;
      const { show, follow } = values;
      if ([show !== undefined, follow !== undefined, names.length > 0].filter(Boolean).length > 1)
        throw new Failure("usage", `give ${noun} names, --show or --follow, one of them`, {
          hint: `\`${program} runs\` lists the ids of runs`,
        });
      const limit = readLimit(values["limit"]);
      checkModuleNames(names, noun);
      const source = await context.open();
      if (typeof show === "string") return showRun(context, source, show);
      if (typeof follow === "string") return followRun(context, source, follow);
      return listRuns(context, source, limit);
    },
  };
}

function readLimit(given: unknown): number {
  if (given === undefined) return 20;
  if (typeof given === "string" && /^[1-9]\d{0,5}$/u.test(given)) return Number(given);
  throw new Failure("usage", `--limit is ${JSON.stringify(given)}, which is not a whole number, 1 or more`, {
    hint: "davit runs --limit 100",
  });
}

async function listRuns({ names, output }: VerbContext, source: RunSource, limit: number): Promise<number> {
  const found: RunSummary[] = [];
  if (names.length === 0) found.push(...(await source.runs.list({ limit })));
  for (const module of new Set(names)) found.push(...(await source.runs.list({ module, limit })));
  const shown = found.toSorted((one, other) => (one.started < other.started ? 1 : -1)).slice(0, limit);
  output.data(shown);
  if (shown.length === 0) {
    output.line(names.length === 0 ? "nothing was run yet" : `nothing was run yet for ${names.join(", ")}`);
    return 0;
  }
  const rows = shown.map((one) => describeRun(one, source.now()));
  for (const line of formatTable([["RUN", "STARTED", "TOOK", "BY", "RESULT"], ...rows])) output.line(line);
  return 0;
}

function describeRun(run: RunSummary, now: Date): string[] {
  const took = run.ended === null ? "" : formatDuration(Date.parse(run.ended) - Date.parse(run.started));
  return [run.run, formatAge(new Date(run.started), now), took, run.trigger, result(run)];
}

function result({ outcome, stage, backup, failure, warnings }: RunSummary): string {
  const warned = warnings === 0 ? "" : `, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
  if (outcome === null) return `running: ${stage ?? "starting"}${warned}`;
  if (outcome === "failed") return `FAILED: ${failure?.message ?? "for an unknown reason"}${warned}`;
  if (outcome === "interrupted") return `INTERRUPTED${stage === null ? "" : ` in stage ${stage}`}${warned}`;
  return `${outcome}${backup === null ? "" : ` ${backup}`}${warned}`;
}

async function showRun({ output }: VerbContext, source: RunSource, id: string): Promise<number> {
  const events = await source.runs.read(id);
  output.data(events);
  const wallTime = wallTimes(source.config.timezone);
  for (const event of events) output.line(describeEvent(event, wallTime));
  return 0;
}

async function followRun({ output, signal }: VerbContext, source: RunSource, id: string): Promise<number> {
  const wallTime = wallTimes(source.config.timezone);
  let end: (RunEvent & { type: "ended" }) | null = null;
  for await (const event of source.runs.follow(id, 0, signal)) {
    output.data(event);
    output.line(describeEvent(event, wallTime));
    if (event.type === "ended") end = event;
  }
  signal.throwIfAborted();
  if (end?.outcome === "ok") return 0;
  if (end?.outcome === "cancelled") return exitCodes.cancelled;
  if (end === null) output.problem(`${id} was interrupted: the process that did it is gone`);
  return end?.failure === null || end?.failure === undefined ? exitCodes.failed : exitCodes[end.failure.kind];
}
