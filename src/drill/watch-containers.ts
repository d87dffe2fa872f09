import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { lastWords } from "./plain-text.ts";

/** A container of the drill that was started. */
export interface Started {
  id: string;
  /** As the module calls it. */
  name: string;
  /** What the engine would do when it ends, were it not a drill. */
  policy: ContainerInspect["HostConfig"]["RestartPolicy"];
}

export interface ContainerState {
  id: string;
  name: string;
  running: boolean;
  health: "none" | "starting" | "healthy" | "unhealthy";
  /** How long it has been running without a break. */
  steadyMs: number;
  /** What is wrong with it, in words; null while nothing is. */
  problem: string | null;
  /** Nothing will make it run again. */
  final: boolean;
}

/** A container that ends so often is not started again. */
const mostStarts = 6;
const firstPauseMs = 500;

/**
 * Follows the containers of a drill. One that ends is started again where its own restart policy would do that: services that wait for
 * each other by giving up are well in the end, there and here.
 */
export class ContainerWatch {
  readonly #docker: Docker;
  readonly #seen = new Map<string, { started: Started; starts: number; runs: string; since: number; again: number }>();

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  /** Starts a container and follows it from now on. */
  async start(container: Started): Promise<void> {
    try {
      await this.#docker.start(container.id);
    } catch (error) {
      const { kind, message } = asFailure(error);
      throw new Failure(kind, `${container.name} can't be started: ${message}`, { cause: error });
    }
    this.#seen.set(container.id, { started: container, starts: 1, runs: "", since: performance.now(), again: 0 });
  }

  /** How all of them are now. */
  async look(): Promise<ContainerState[]> {
    return Promise.all([...this.#seen.keys()].map((id) => this.#lookAt(id)));
  }

  async #lookAt(id: string): Promise<ContainerState> {
    const seen = this.#seen.get(id);
    const document = await inspectIfThere(this.#docker, id);
    const name = seen?.started.name ?? id;
    const state: ContainerState = {
      id,
      name,
      running: false,
      health: "none",
      steadyMs: 0,
      problem: null,
      final: false,
    };
    if (seen === undefined || document === null)
      return { ...state, problem: `${name} was removed in the middle of the drill`, final: true };
    const { State } = document;
    const now = performance.now();
    if (!State.Running) {
      const times = seen.starts > 1 ? ` (started ${seen.starts} times)` : "";
      const problem = `${name} ${howItEnded(State)}${times}`;
      if (!mayStartAgain(seen, State.ExitCode ?? 0)) return { ...state, problem, final: true };
      if (seen.again === 0) seen.again = now + firstPauseMs * 2 ** (seen.starts - 1);
      else if (now >= seen.again) {
        seen.starts += 1;
        seen.again = 0;
        await this.#docker.start(id);
      }
      return { ...state, problem };
    }
    seen.again = 0;
    if (seen.runs !== (State.StartedAt ?? "")) {
      seen.runs = State.StartedAt ?? "";
      seen.since = now;
    }
    const health = healthOf(State.Health?.Status);
    const said = health === "unhealthy" ? lastWords(State.Health?.Log?.at(-1)?.Output ?? "") : "";
    const problem =
      health === "unhealthy" || health === "starting" ? `${name} is ${health}${said === "" ? "" : `: ${said}`}` : null;
    return { ...state, running: true, health, steadyMs: now - seen.since, problem };
  }
}

function healthOf(status: string | null | undefined): ContainerState["health"] {
  return status === "starting" || status === "healthy" || status === "unhealthy" ? status : "none";
}

function howItEnded({ ExitCode, OOMKilled }: ContainerInspect["State"]): string {
  if (OOMKilled === true) return "was ended by the kernel: it needs more memory than its limit";
  return `ended with exit code ${ExitCode ?? "unknown"}`;
}

function mayStartAgain({ started, starts }: { started: Started; starts: number }, exitCode: number): boolean {
  const { Name, MaximumRetryCount } = started.policy ?? {};
  if (starts >= mostStarts) return false;
  if (Name === "always" || Name === "unless-stopped") return true;
  return Name === "on-failure" && exitCode !== 0 && (!MaximumRetryCount || starts <= MaximumRetryCount);
}
