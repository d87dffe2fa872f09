import { type ByteAutomaton, bytesThat } from "./byte-automaton.ts";
import { type GlobToken, notSlash, slash } from "./glob-tokens.ts";

const slashes = bytesThat((byte) => byte === slash);
/** A byte that is a letter of its own, or what such a letter is taken for where it is not UTF-8. */
const single = bytesThat((byte) => byte < 0xc0 && byte !== slash);
const lead = bytesThat((byte) => byte >= 0xc0);
const following = bytesThat((byte) => byte >= 0x80 && byte < 0xc0);

/** Puts a glob into the automaton, from a state on; gives the state in which it is matched. */
export function addGlob(
  automaton: ByteAutomaton<object>,
  owner: number,
  from: number,
  tokens: readonly GlobToken[],
): number {
  const braces: { from: number; to: number }[] = [];
  let now = from;
  const next = (): number => automaton.state(owner);
  for (const token of tokens) {
    const brace = braces.at(-1);
    const before = now;
    switch (token.type) {
      case "bytes":
        now = next();
        automaton.step(before, token.bytes, now);
        break;
      case "many":
        now = next();
        automaton.free(before, now);
        automaton.step(now, token.bytes, now);
        break;
      case "letter":
        now = next();
        automaton.step(before, single, now);
        addLead(automaton, before, next(), now);
        break;
      case "folders":
        now = next();
        automaton.free(before, now);
        addFolder(automaton, now, next());
        break;
      case "open":
        now = next();
        automaton.free(before, now);
        braces.push({ from: now, to: next() });
        break;
      case "or":
        if (brace === undefined) break;
        automaton.free(before, brace.to);
        now = next();
        automaton.free(brace.from, now);
        break;
      case "close":
        if (brace === undefined) break;
        automaton.free(before, brace.to);
        now = brace.to;
        braces.pop();
        break;
    }
  }
  return now;
}

/** A letter of several bytes: it may end after each. */
function addLead(automaton: ByteAutomaton<object>, from: number, within: number, to: number): void {
  automaton.step(from, lead, within);
  automaton.step(within, following, within);
  automaton.free(within, to);
}

/** From a state back to it: a name and its slash. */
function addFolder(automaton: ByteAutomaton<object>, from: number, within: number): void {
  automaton.step(from, notSlash, within);
  automaton.step(within, notSlash, within);
  automaton.step(within, slashes, from);
}
