import { createCipheriv } from "node:crypto";

/** A source of numbers that gives the same ones each time: mulberry32. */
export type Dice = (below: number) => number;

export function createDice(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Bytes that no program makes smaller, never the same twice: a key stream. */
export function createNoise(seed: number): (length: number) => Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  const cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  return (length) => cipher.update(Buffer.alloc(length));
}

/**
 * Text that deflate makes about four times smaller, as it does with logs, sources and tables: phrases of a stock, a few of
 * them again and again for a while, with numbers between them that are never the same.
 */
export function createText(dice: Dice): (length: number) => Buffer {
  const stock = Array.from({ length: 4096 }, () => Buffer.from(phrase(dice)));
  return (length) => {
    const text = Buffer.allocUnsafe(length);
    let topic = 0;
    for (let at = 0, next = 0; at < length;) {
      if (at >= next) {
        topic = dice(stock.length);
        next = at + 8192;
      }
      const chosen = stock[dice(10) === 0 ? dice(stock.length) : (topic + dice(dice(64) + 1)) % stock.length];
      if (chosen !== undefined) at += chosen.copy(text, at);
      if (dice(8) === 0) at += text.write(`${dice(2 ** 32).toString(16)}\n`, at, "latin1");
    }
    return text;
  };
}

const letters = "etaoinshrdlucmfwypvbgkjqxz";

function phrase(dice: Dice): string {
  const words = Array.from({ length: 2 + dice(5) }, () =>
    Array.from({ length: 2 + dice(8) }, () => letters[dice(dice(letters.length) + 1)]).join(""),
  );
  return words.join(" ") + ['": "', ", ", ";\n", " = ", "/"][dice(5)];
}
