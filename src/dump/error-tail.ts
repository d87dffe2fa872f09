const mostBytes = 16 * 1024;
const mostLines = 5;

export interface ErrorTail {
  add(bytes: Buffer): void;
  /** The last lines, joined, with every secret blanked; empty where nothing was printed. */
  text(): string;
  /** Whether these words were printed. */
  has(words: string): boolean;
}

/** Keeps the end of what a command prints to its error output. */
export function createErrorTail(secrets: readonly (string | null)[]): ErrorTail {
  let kept = Buffer.alloc(0);
  return {
    add(bytes) {
      const both = Buffer.concat([kept, bytes]);
      kept = both.subarray(Math.max(0, both.length - mostBytes));
    },
    text() {
      const lines = blank(kept.toString(), secrets)
        .split(/[\r\n]+/u)
        .map((line) => line.replace(/\p{Cc}/gu, "").trim())
        .filter((line) => line !== "");
      return lines.slice(-mostLines).join("; ");
    },
    has: (words) => kept.includes(words),
  };
}

function blank(text: string, secrets: readonly (string | null)[]): string {
  return secrets.reduce<string>((left, secret) => (secret === null ? left : left.replaceAll(secret, "***")), text);
}
