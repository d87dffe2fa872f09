/**
 * A Linux path as the kernel has it: bytes, of which nothing but `/` and NUL is special. It is held as a string with one
 * character a byte (latin1), which compares, sorts and joins like any string and loses nothing.
 */
export type BytePath = string;

const ascii = /^\p{ASCII}*$/u;
const strict = new TextDecoder("utf-8", { fatal: true });

/** The bytes of a path. */
export function toBytes(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

/** The path for text that a person wrote or that came in JSON. */
export function fromText(text: string): BytePath {
  return ascii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Text to show; bytes that are not UTF-8 become U+FFFD. */
export function toDisplay(path: BytePath): string {
  return ascii.test(path) ? path : toBytes(path).toString("utf8");
}

/** Whether a path's bytes are valid UTF-8, so that `fromText(toDisplay(path))` is the same path. */
export function isUtf8(path: BytePath): boolean {
  if (ascii.test(path)) return true;
  try {
    strict.decode(toBytes(path));
    return true;
  } catch {
    return false;
  }
}

/** What `node:fs` takes for this path. */
export function fsPath(path: BytePath): string | Buffer {
  return ascii.test(path) ? path : toBytes(path);
}
