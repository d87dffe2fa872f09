import { fromText } from "./byte-path.ts";
import { type ByteSet, bytesThat } from "./byte-automaton.ts";

/** A piece of a glob. */
export type GlobToken =
  | { type: "bytes"; bytes: ByteSet }
  /** Any number of whole folders, each with its slash. */
  | { type: "folders" }
  /** Any number of these. */
  | { type: "many"; bytes: ByteSet }
  /** One letter, of however many bytes. */
  | { type: "letter" }
  | { type: "open" | "or" | "close" };

const token =
  /\\(?<escaped>.)|(?<folders>(?<=^|\/)\*\*\/)|(?<any>\*+)|(?<letter>\?)|\[(?<not>[!^]?)(?<set>\]?[^\]]*)\]|(?<other>.)/gsu;

export const slash = 0x2f;
export const notSlash = bytesThat((byte) => byte !== slash);
export const anything = bytesThat(() => true);

/** Takes a glob apart. Names are bytes, so it is put into bytes first. Throws a SyntaxError for an impossible set, like `[z-a]`. */
export function globTokens(body: string): GlobToken[] {
  const text = fromText(body);
  const braced = isBalanced(text);
  let depth = 0;
  return [...text.matchAll(token)].map(({ 0: whole, groups }): GlobToken => {
    const { escaped, folders, any, letter, not, set, other } = groups ?? {};
    if (escaped !== undefined) return one(escaped);
    if (folders !== undefined) return { type: "folders" };
    if (any !== undefined) return { type: "many", bytes: any.length > 1 ? anything : notSlash };
    if (letter !== undefined) return { type: "letter" };
    if (set !== undefined) return { type: "bytes", bytes: setOf(set, not !== "") };
    if (braced && other === "{") return (depth++, { type: "open" });
    if (braced && other === "}") return (depth--, { type: "close" });
    if (depth > 0 && other === ",") return { type: "or" };
    return one(whole);
  });
}

function one(character: string): GlobToken {
  return { type: "bytes", bytes: bytesThat((byte) => byte === character.charCodeAt(0)) };
}

/** A set, without the slash, as regular expressions read it: one that they refuse is refused. */
function setOf(set: string, not: boolean): ByteSet {
  const expression = new RegExp(`^[${not ? "^" : ""}${set.replace(/[\\\]^]/gu, String.raw`\$&`)}]$`, "s");
  return bytesThat((byte) => byte !== slash && expression.test(String.fromCharCode(byte)));
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const [sign] of text.replace(/\\.|\[[!^]?\]?[^\]]*\]/gsu, "").matchAll(/[{}]/gu)) {
    depth += sign === "{" ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
