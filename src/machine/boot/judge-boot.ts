import type { BootCheck } from "../../contract/machine.ts";
import { findFailureWords, findTrouble, isBeforeSystem } from "./failure-words.ts";
import { difference, isBlank, type Picture } from "./picture.ts";
import { firstScreen } from "./screen-text.ts";

/** What was seen of a machine at one moment. */
export interface Observation {
  /** Since it was started. */
  ms: number;
  /** Whether the guest agent has answered. */
  agent: boolean;
  /** The last of what the serial console said. */
  serial: string;
  picture: Picture | null;
  /** What stands on the screen where that is in text mode. */
  screen: string;
}

export interface Verdict {
  well: boolean;
  /** Why, for people: lower case, no full stop. */
  reason: string;
  /** What speaks for less than could be had. */
  weak: string | null;
}

/** Tells, look by look, whether a machine has come up; null while that is open. */
export type BootJudge = (seen: Observation) => Verdict | null;

export interface Expectation {
  check: BootCheck;
  /** Whether the machine's definition has a channel for a guest agent. */
  expectsAgent: boolean;
}

/** How long a prompt waits for the agent, which is better proof, and comes up with the other services. */
const agentPatienceMs = 30_000;
/** How long a picture has to be the same; longer where it is the last resort. */
const steadyMs = { asked: 20_000, resort: 60_000 };
/** A cursor that blinks and a clock are less than this share of a screen. */
const tolerance = 0.005;

const prompt = /^[^\r\n]{0,100}\blogin: ?/mu;

/**
 * A judge of one boot. The guest agent's answer is better than what the serial console says, and that is better than a picture
 * that has come to rest; a sign of failure, on either, goes before all of them.
 */
export function createBootJudge({ check, expectsAgent }: Expectation): BootJudge {
  const pattern = check.type === "serial" ? new RegExp(check.pattern, "mu") : prompt;
  const steady = watchPicture();
  let promptSince: number | null = null;
  return (seen) => {
    const failure = findFailureWords(seen.serial) ?? findFailureWords(seen.screen);
    if (failure !== null) return unwell(`${failure.meaning}: ${failure.line}`);
    const stillMs = steady(seen);
    if (seen.agent && (check.type === "auto" || check.type === "agent")) return well("the guest agent answered");
    if (check.type === "agent") return null;
    if (check.type !== "screen" && pattern.test(seen.serial)) {
      promptSince ??= seen.ms;
      const what = check.type === "serial" ? `what matches ${check.pattern}` : "a prompt to sign in";
      if (check.type === "serial") return well(`the serial console showed ${what}`);
      if (!expectsAgent) return well(`the serial console showed ${what}`);
      if (seen.ms - promptSince >= agentPatienceMs)
        return well(`the serial console showed ${what}`, "its guest agent did not answer");
    }
    if (check.type === "serial") return null;
    const needed = check.type === "screen" ? steadyMs.asked : steadyMs.resort;
    if (stillMs < needed || isBeforeSystem(firstScreen(seen.screen)) || trouble(seen) !== null) return null;
    return well(
      `its screen has been the same for ${Math.round(stillMs / 1000)} s`,
      "a screen at rest is weak proof: look at the picture",
    );
  };
}

/** Why a machine that ran out of time is not well. */
export function describeLate(seen: Observation, { check }: Expectation, limitMs: number): Verdict {
  const found = trouble(seen);
  const late = `it did not come up within ${Math.round(limitMs / 1000)} s`;
  if (found !== null) return unwell(`${late}, and said: ${found}`);
  const missing = {
    auto: "no guest agent answered, the serial console showed no prompt to sign in, and the screen did not come to rest",
    agent: "no guest agent answered",
    serial: `the serial console showed nothing that matches ${check.type === "serial" ? check.pattern : ""}`,
    screen: "the screen did not come to rest",
  }[check.type];
  const dark = seen.picture !== null && isBlank(seen.picture) ? "; the screen stayed empty" : "";
  const stuck = isBeforeSystem(firstScreen(seen.screen)) ? "; its firmware or boot loader still has the screen" : "";
  return unwell(`${late}: ${missing}${dark}${stuck}`);
}

function trouble({ serial, screen }: Observation): string | null {
  return findTrouble(serial) ?? findTrouble(screen);
}

/** Gives, look by look, for how long a picture that is not empty has been the same. */
function watchPicture(): (seen: Observation) => number {
  let first: { picture: Picture; ms: number } | null = null;
  return ({ picture, ms }) => {
    if (picture === null || isBlank(picture)) {
      first = null;
      return 0;
    }
    // Compared with the first, not with the last: what moves slowly is no picture at rest.
    if (first === null || difference(first.picture, picture) > tolerance) first = { picture, ms };
    return ms - first.ms;
  };
}

function well(reason: string, weak: string | null = null): Verdict {
  return { well: true, reason, weak };
}

function unwell(reason: string): Verdict {
  return { well: false, reason, weak: null };
}
