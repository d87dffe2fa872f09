import { setTimeout as delay } from "node:timers/promises";
import type { DrillCheck } from "../contract/settings.ts";
import { Failure } from "../failure/failure.ts";
import { askCommand } from "./ask-command.ts";
import { type Answer, askPort } from "./ask-port.ts";
import type { DrillOrder } from "./drill-order.ts";
import type { ContainerState, ContainerWatch } from "./watch-containers.ts";

/** One without a health check has to stay up this long. */
const steadyMs = 5000;
const lookEveryMs = 250;

/**
 * Asks the restored module whether it is well, until it is: gives the words of what showed it. A Failure that says what is wrong
 * where it can't become well any more, or `limit` aborts.
 */
export async function waitUntilWell(order: DrillOrder, watch: ContainerWatch, limit: AbortSignal): Promise<string> {
  const { settings, signal } = order;
  const either = AbortSignal.any([signal, limit]);
  let problem = "there was no time to ask it";
  try {
    for (;;) {
      const states = await watch.look();
      const found = settings.check.type === "health" ? byHealth(states) : await byAnswer(order, states, either);
      if (found.well !== null) return found.well;
      problem = found.problem;
      if (found.final) throw new Failure("failed", `the drill failed: ${problem}`, { hint: logsHint });
      await delay(lookEveryMs, undefined, { signal: either });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw new Failure("failed", `the drill failed: not well within ${settings.timeoutSeconds} s: ${problem}`, {
      hint: `${logsHint}; davit.drill.timeout allows for more time`,
    });
  }
}

const logsHint = "see the last lines of its log";

type Verdict = { well: string } | { well: null; problem: string; final: boolean };

function byHealth(states: readonly ContainerState[]): Verdict {
  const unwell = states.filter((one) => one.problem !== null);
  const fresh = states.filter((one) => one.problem === null && one.health === "none" && one.steadyMs < steadyMs);
  if (unwell.length > 0) {
    const problem = unwell.map((one) => one.problem).join("; ");
    return { well: null, problem, final: unwell.some((one) => one.final) };
  }
  if (fresh.length > 0)
    return { well: null, problem: `${fresh.map((one) => one.name).join(", ")} has just started`, final: false };
  return { well: states.map(healthWords).join("; ") };
}

function healthWords({ name, health }: ContainerState): string {
  if (health === "healthy") return `${name} is healthy`;
  return `${name} stayed up for ${steadyMs / 1000} s, which is all that was seen of it: it has no health check`;
}

/** Asks the container that carries the label, else all that run; the first good answer counts. */
async function byAnswer(order: DrillOrder, states: readonly ContainerState[], signal: AbortSignal): Promise<Verdict> {
  const named = states.filter((one) => one.name === order.settings.container);
  const asked = named.length > 0 ? named : states;
  const running = asked.filter((one) => one.running);
  const answers = await Promise.all(
    running.map(async (one) => ({ name: one.name, ...(await ask(order, one, signal)) })),
  );
  const good = answers.find((one) => one.ok);
  if (good !== undefined) return { well: `${good.name}: ${good.said}` };
  const said = answers.map((one) => `${one.name}: ${one.said}`);
  const problems = asked.flatMap((one) => (one.running ? [] : [one.problem ?? `${one.name} does not run`]));
  return { well: null, problem: [...problems, ...said].join("; "), final: asked.every((one) => one.final) };
}

async function ask(order: DrillOrder, container: ContainerState, signal: AbortSignal): Promise<Answer> {
  const check: DrillCheck = order.settings.check;
  if (check.type === "tcp" || check.type === "http") return askPort(order, container, check, signal);
  if (check.type === "exec") return askCommand(order.docker, container, check.command, signal);
  throw new Failure("usage", "drills of this module are off (davit.drill=off)");
}
