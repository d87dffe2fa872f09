import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { twinEnvironment } from "../config/twin-order.ts";
import { failureReport, type RunEvent, type RunKind, type RunReporter } from "../contract/run-event.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { ownImage } from "../docker/own-image.ts";
import { twinSpec } from "../docker/twin-spec.ts";
import { asFailure, Failure, withCleanup } from "../failure/failure.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";

export interface TwinWork<T> {
  module: string;
  verb: string;
  /** What the verb is given; `--json` is added. */
  words: readonly string[];
  /** The run that the verb makes; null where it makes none. */
  run: { kind: RunKind; backup?: string } | null;
  /** The host paths that the verb has to see. */
  paths(): Promise<readonly string[]>;
  /** Whether it writes there. */
  writable: boolean;
  /** Whether a path that does not exist is made, as an empty folder. */
  makes?: boolean;
  /** Reads what the verb printed; a Failure that stands there is thrown. */
  read(answer: unknown): T;
}

/** How long a twin has for ending cleanly. */
const graceSeconds = 60;
const lookEveryMs = 200;
/** How long an engine may be silent (a restart of it) before the twin is given up. */
const patienceMs = 60_000;
/** An answer is one line; the engine keeps long ones in pieces of 16 KiB. */
const answerLimits = { lines: 4096, bytes: 64 * 1024 * 1024, only: "stdout" } as const;

/** A container that does one verb for this process; `perform` once. */
export class Twin<T> {
  readonly #davit: Davit;
  readonly #request: FlowRequest;
  readonly #work: TwinWork<T>;
  readonly #run: string | null;
  /** Whether the run's log is there. */
  isLogged = false;
  /** Whether it ended without an answer. */
  wasKilled = false;

  constructor(davit: Davit, request: FlowRequest, work: TwinWork<T>, run: string | null) {
    this.#davit = davit;
    this.#request = request;
    this.#work = work;
    this.#run = run;
  }

  async perform(own: ContainerInspect, paths: readonly string[]): Promise<T> {
    const { docker } = this.#davit;
    const { signal } = this.#request;
    signal.throwIfAborted();
    const id = await this.#create(own, paths);
    let stopped: Promise<unknown> = Promise.resolve();
    const stop = (): void => {
      stopped = docker.stop(id, graceSeconds).catch(() => undefined); // seen below: it does not end
    };
    signal.addEventListener("abort", stop, { once: true });
    return withCleanup(
      async () => {
        await docker.start(id);
        if (signal.aborted) stop();
        const end = await this.#untilEnded(id);
        await stopped;
        return this.#answer(id, end);
      },
      async () => {
        signal.removeEventListener("abort", stop);
        await stopped;
        await docker.removeContainer(id);
      },
    );
  }

  async #create(own: ContainerInspect, paths: readonly string[]): Promise<string> {
    const { docker, config, version } = this.#davit;
    const { module, verb, words, writable, makes = false } = this.#work;
    const image = await ownImage(docker, { image: config.image, version });
    const run = this.#run;
    const environment = run === null ? [] : twinEnvironment({ run, trigger: this.#request.trigger });
    const name = `davit-twin-${run ?? `${module}-${randomBytes(4).toString("hex")}`}`;
    const command = [verb, "--json", ...words];
    try {
      return await docker.createContainer(
        name,
        twinSpec(own, { module, image, command, environment, paths, writable, makes }),
      );
    } catch (thrown) {
      throw notCreated(thrown, module, paths);
    }
  }

  async #untilEnded(id: string): Promise<ContainerInspect["State"] | null> {
    const following = this.#follow(id);
    let silentSince: number | null = null;
    for (;;) {
      try {
        const found = await inspectIfThere(this.#davit.docker, id);
        if (found?.State.Running !== true) {
          await following;
          return found?.State ?? null;
        }
        silentSince = null;
      } catch (thrown) {
        silentSince ??= performance.now();
        if (asFailure(thrown).kind !== "unreachable" || performance.now() - silentSince > patienceMs) throw thrown;
      }
      await delay(lookEveryMs);
    }
  }

  /** Tells what the twin's run tells, until that ends or the twin does. */
  async #follow(id: string): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    const { runs, docker } = this.#davit;
    for (;;) {
      const state = await inspectIfThere(docker, id).catch(() => "unknown" as const);
      const isOver = state === null || (state !== "unknown" && !state.State.Running);
      this.isLogged = await runs.read(run).then(
        () => true,
        () => false,
      );
      if (this.isLogged) break;
      if (isOver) return;
      await delay(lookEveryMs);
    }
    this.#request.onRun?.(run);
    for await (const event of runs.follow(run, 0, new AbortController().signal)) relay(event, this.#request.reporter);
  }

  async #answer(id: string, state: ContainerInspect["State"] | null): Promise<T> {
    const printed = await this.#davit.docker.logs(id, answerLimits).catch(() => "");
    const answer = parseAnswer(printed);
    if (answer !== null) {
      const failed = z.looseObject({ error: failureReport }).safeParse(answer);
      if (failed.success) throw fromReport(failed.data.error);
      return this.#work.read(answer);
    }
    this.wasKilled = true;
    this.#request.signal.throwIfAborted();
    const memory = state?.["OOMKilled"] === true ? ", for want of memory" : "";
    const code = state?.ExitCode ?? "unknown";
    throw new Failure("failed", `the twin of ${this.#work.module} was killed${memory} (exit code ${code})`, {
      hint: "what it had begun is taken back; start it again",
    });
  }
}

function notCreated(thrown: unknown, module: string, paths: readonly string[]): Failure {
  const failure = asFailure(thrown);
  const missing = /bind source path does not exist: (\S.*?)(?:"|\s*$)/mu.exec(failure.message)?.[1];
  if (missing !== undefined)
    return new Failure("config", `${missing}, which ${module} keeps data in, does not exist on the host`, {
      hint: "see why it is gone; a container that uses it makes it again when it is created",
      cause: failure,
    });
  return new Failure(failure.kind, `no twin can be made to reach ${paths.join(", ")}: ${failure.message}`, {
    hint: failure.hint ?? "mount these paths into Davit's container at the same path, so that no twin is needed",
    cause: failure,
  });
}

function relay(event: RunEvent, reporter: RunReporter | undefined): void {
  if (event.type === "stage") reporter?.stage(event.stage);
  if (event.type === "progress") reporter?.progress(event.progress);
  if (event.type === "output") reporter?.output(event.source, event.line);
  if (event.type === "warning") reporter?.warning(event.message, event.hint);
}

function parseAnswer(printed: string): unknown {
  try {
    return JSON.parse(printed);
  } catch {
    return null;
  }
}

/** A Failure that came over from a twin. */
export function fromReport({ kind, message, hint }: z.infer<typeof failureReport>): Failure {
  return new Failure(kind, message, hint === undefined ? {} : { hint });
}
