import type { Readable } from "node:stream";
import {
  type CopyId,
  type CopyState,
  type HoldAnswer,
  type LinkEvent,
  linkEvent,
  type LinkHello,
  linkRoutes,
  type PairingLine,
  type ReleaseAnswer,
  sealLine,
  silenceMs,
} from "../../contract/link.ts";
import type { MachineJob, MachineStatus } from "../../contract/machine.ts";
import type { RunEvent, RunSummary } from "../../contract/run-event.ts";
import { asFailure, Failure } from "../../failure/failure.ts";
import { Rejected } from "../rejected.ts";
import { AgentClock } from "./agent-clock.ts";
import { askAgent, type Line, openAnswer, tellAgent } from "./ask-agent.ts";
import { linesOf } from "./lines-of.ts";
import { PinnedConnections } from "./pinned-connections.ts";

export interface RunPlace {
  machine: string;
  run: string;
}

/** A piece of a file that is sent to the agent. */
export interface OutgoingPiece {
  file: string;
  first: number;
  bytes: number;
  total: number;
  stream: () => Readable;
}

const mediumMs = 120_000;

/** The agent that this sidecar is paired with. Nothing is asked before a method is called. */
export class AgentLink {
  /** `host:port`, for people. */
  readonly address: string;
  readonly #line: Line;

  constructor(pairing: PairingLine) {
    this.address = `${pairing.host.includes(":") ? `[${pairing.host}]` : pairing.host}:${pairing.port}`;
    this.#line = { pairing, connections: new PinnedConnections(pairing), clock: new AgentClock() };
  }

  get clock(): AgentClock {
    return this.#line.clock;
  }

  /** Who answers there. */
  async hello(signal: AbortSignal): Promise<LinkHello> {
    const hello = await askAgent(this.#line, linkRoutes.hello, { signal });
    this.clock.set(hello.time);
    return hello;
  }

  async machines(signal: AbortSignal): Promise<MachineStatus[]> {
    return (await askAgent(this.#line, linkRoutes.listMachines, { signal, limitMs: mediumMs })).machines;
  }

  /** Starts a job; gives its run's id. */
  async startJob(machine: string, job: MachineJob, signal: AbortSignal): Promise<string> {
    const question = { params: { machine }, body: { job }, signal, limitMs: mediumMs };
    return (await this.#stamped(() => askAgent(this.#line, linkRoutes.startJob, question), signal)).run;
  }

  /** Newest first. */
  async runs(machine: string, limit: number, signal: AbortSignal): Promise<RunSummary[]> {
    return (await askAgent(this.#line, linkRoutes.listRuns, { params: { machine }, query: { limit }, signal })).runs;
  }

  /** The events of a run above `after`; where there are none, it waits so many seconds for some. */
  async runEvents(
    { machine, run }: RunPlace,
    after: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<{ events: RunEvent[]; ended: boolean }> {
    const query = { after, wait: Math.min(waitSeconds, 30) };
    const limitMs = (query.wait + 20) * 1000;
    return askAgent(this.#line, linkRoutes.readRun, { params: { machine, run }, query, signal, limitMs });
  }

  /** The events above `after` as they happen, to the run's end. */
  async *followRun(place: RunPlace, after: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    for (let seen = after; !signal.aborted;) {
      const { events, ended } = await this.runEvents(place, seen, 25, signal);
      yield* events;
      seen = events.at(-1)?.seq ?? seen;
      if (ended) return;
    }
  }

  /** The picture of a point's last boot drill (PNG). */
  async screenshot(machine: string, chain: string, point: string, signal: AbortSignal): Promise<Readable> {
    return openAnswer(this.#line, linkRoutes.screenshot, { params: { machine, chain, point }, signal });
  }

  /**
   * The agent's event stream, until it ends, breaks, or is silent for too long: then `unreachable`, or `Rejected`. What it says of its
   * time is in `clock`.
   */
  async *events(signal: AbortSignal): AsyncGenerator<LinkEvent> {
    const silence = new AbortController();
    const over = AbortSignal.any([signal, silence.signal]);
    const stream = await openAnswer(this.#line, linkRoutes.events, { signal: over, limitMs: 2 * silenceMs });
    let watch: NodeJS.Timeout | undefined;
    const listen = (): void => {
      clearTimeout(watch);
      watch = setTimeout(() => {
        // Whatever else goes over connections to there hangs as well.
        this.#line.connections.destroy();
        silence.abort(new Failure("unreachable", `the agent at ${this.address} was silent for ${silenceMs / 1000} s`));
        stream.destroy();
      }, silenceMs);
    };
    listen();
    try {
      for await (const line of linesOf(stream)) {
        listen();
        const event = linkEvent.safeParse(line);
        if (!event.success) continue; // of a newer agent
        if (event.data.type === "hello") this.clock.set(event.data.hello.time);
        if (event.data.type === "beat") {
          this.clock.hear(event.data.time);
          void this.#answerBeat(over);
        }
        yield event.data;
      }
    } catch (thrown) {
      throw silence.signal.aborted ? silence.signal.reason : broken(this.address, thrown);
    } finally {
      clearTimeout(watch);
      stream.destroy();
    }
  }

  /** Lets the agent know that its beat arrived. What goes wrong shows in the stream as well. */
  async #answerBeat(signal: AbortSignal): Promise<void> {
    await askAgent(this.#line, linkRoutes.hello, { signal, limitMs: silenceMs }).catch(() => undefined);
  }

  async answerHold(hold: string, body: HoldAnswer, signal: AbortSignal): Promise<void> {
    const question = { params: { hold }, body, signal, limitMs: silenceMs };
    await this.#stamped(() => tellAgent(this.#line, linkRoutes.answerHold, question), signal);
  }

  async answerRelease(hold: string, body: ReleaseAnswer, signal: AbortSignal): Promise<void> {
    const question = { params: { hold }, body, signal, limitMs: silenceMs };
    await this.#stamped(() => tellAgent(this.#line, linkRoutes.answerRelease, question), signal);
  }

  async copyState(id: CopyId, signal: AbortSignal): Promise<CopyState> {
    return askAgent(this.#line, linkRoutes.copyState, { params: id, signal });
  }

  async putPiece(id: CopyId, { file, first, bytes, total, stream }: OutgoingPiece, signal: AbortSignal): Promise<void> {
    const range = `bytes ${first}-${Math.max(first, first + bytes - 1)}/${total}`;
    const question = { params: { ...id, file }, content: { stream, bytes, range }, signal, limitMs: mediumMs };
    await this.#stamped(() => tellAgent(this.#line, linkRoutes.putPiece, question), signal);
  }

  /** Has the agent read a copy again and give it its name; gives its bytes. */
  async sealCopy(id: CopyId, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<number> {
    const question = { params: id, signal, limitMs: mediumMs };
    const stream = await this.#stamped(() => openAnswer(this.#line, linkRoutes.sealCopy, question), signal);
    for await (const line of linesOf(stream)) {
      const told = sealLine.parse(line);
      if (told.type === "sealed") return told.bytes;
      if (told.type === "rejected") throw new Rejected(told.reason, told.message, hintOf(told));
      onProgress(told.bytes);
    }
    throw new Failure("unreachable", `the agent at ${this.address} broke off while it read the copy again`);
  }

  close(): void {
    this.#line.connections.destroy();
  }

  /** A request that bears a time: asks for the agent's first where that is not known, and once more where it went wrong. */
  async #stamped<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.clock.now() === null) await this.hello(signal);
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof Rejected) || thrown.reason !== "out-of-time") throw thrown;
      await this.hello(signal);
      return ask();
    }
  }
}

function broken(address: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure("unreachable", `the link to the agent at ${address} broke: ${asFailure(thrown).message}`, {
    cause: thrown,
  });
}

function hintOf({ hint }: { hint?: string | undefined }): { hint?: string } {
  return hint === undefined ? {} : { hint };
}
