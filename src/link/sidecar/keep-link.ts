import { setTimeout as delay } from "node:timers/promises";
import type { LinkEvent, LinkHello } from "../../contract/link.ts";
import { asFailure, Failure } from "../../failure/failure.ts";
import type { AgentLink } from "./connect-agent.ts";
import { HoldAnswers, type HoldWork } from "./hold-answers.ts";

export interface LinkKeeper {
  /** Whose agent is there now; null while the link is down, with the reason once one is known. */
  state(): { hello: LinkHello | null; problem: Failure | null };
  /** Ends the stream; resolves once nothing is held for the agent any more. */
  stop(): Promise<void>;
}

export interface KeepLinkOptions {
  agent: Pick<AgentLink, "events" | "clock" | "answerHold" | "answerRelease" | "address">;
  /** Holds what runs here. */
  hold: HoldWork;
  log: Log;
  /** Called whenever the link has come up. */
  onUp?: () => void;
  /** Rejects when the signal aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

const firstWaitMs = 1000;
const longestWaitMs = 60_000;

/**
 * Keeps the agent's event stream open, and opens it again after growing pauses where it breaks; does what the agent asks for over it.
 * A trouble is told once, until it is another one or over.
 */
export function keepLink({
  agent,
  hold,
  log,
  onUp = () => {},
  wait = (ms, until) => delay(ms, undefined, { signal: until }),
}: KeepLinkOptions): LinkKeeper {
  const stopping = new AbortController();
  const answers = new HoldAnswers({ agent, hold, log });
  let hello: LinkHello | null = null;
  let problem: Failure | null = null;
  let waitMs = firstWaitMs;

  const take = (event: LinkEvent, broken: AbortSignal): void => {
    if (event.type === "hello") {
      ({ hello } = event);
      problem = null;
      waitMs = firstWaitMs;
      log.info({ agent: agent.address, host: hello.host.name, machine: hello.machine }, "the agent is there");
      onUp();
    }
    if (event.type === "hold") answers.begin(event, broken);
    if (event.type === "release") answers.release(event.hold);
    if (event.type === "end" && event.why === "replaced")
      throw new Failure("busy", "another sidecar took over the link with the same pairing", {
        hint: "a copy of this machine may run elsewhere: pair each on its own (`davit agent pair`)",
      });
    if (event.type === "end") throw new Failure("unreachable", `the agent ended the link: ${event.why}`);
  };
  const follow = async (): Promise<void> => {
    const broken = new AbortController();
    try {
      for await (const event of agent.events(stopping.signal)) take(event, broken.signal);
      throw new Failure("unreachable", "the link broke");
    } finally {
      hello = null;
      broken.abort(new Failure("unreachable", "the link to the agent broke"));
    }
  };
  const tell = (failure: Failure): void => {
    if (problem?.message !== failure.message)
      log.warn({ agent: agent.address, err: failure }, "the agent can't be reached; trying again");
    problem = failure;
    // Who is told to go away comes back seldom.
    if (failure.kind === "denied" || failure.kind === "config" || failure.kind === "busy") waitMs = longestWaitMs;
  };
  const going = (async () => {
    while (!stopping.signal.aborted) {
      await follow().catch((thrown: unknown) => {
        if (!stopping.signal.aborted) tell(asFailure(thrown));
      });
      await wait(waitMs * (0.75 + Math.random() / 2), stopping.signal).catch(() => undefined);
      waitMs = Math.min(2 * waitMs, longestWaitMs);
    }
  })();
  return {
    state: () => ({ hello, problem }),
    stop: async () => {
      stopping.abort(new Failure("cancelled", "Davit stops"));
      await going;
      await answers.idle();
    },
  };
}
