import path from "node:path";
import { Failure } from "../failure/failure.ts";
import { type BytePath, fromText } from "../format/byte-path.ts";

/**
 * A path inside a backup that a client asked for, as text or as base64 of its bytes, without leading and trailing slash.
 * Throws an `unsafe` Failure for one that could lead anywhere else.
 */
export function requestedPath(text: string | undefined, base64?: string): BytePath {
  const asked = base64 === undefined ? fromText(text ?? "") : Buffer.from(base64, "base64").toString("latin1");
  const bare = asked.replace(/^\//u, "").replace(/\/$/u, "");
  if (bare !== "" && bare.split("/").some(isOdd)) throw unsafe("a path in a backup");
  return bare;
}

/** A folder that a client wants a restore to go to. Throws an `unsafe` Failure for a relative one, for `/` and for one with `..`. */
export function requestedTarget(target: string): string {
  const bare = target.replace(/\/$/u, "");
  if (!path.isAbsolute(target) || bare === "" || bare.slice(1).split("/").some(isOdd))
    throw unsafe(
      "the target of a restore",
      "give an absolute folder other than /; inPlace restores to where the data came from",
    );
  return bare;
}

function isOdd(segment: string): boolean {
  return segment === "" || segment === "." || segment === ".." || segment.includes("\0");
}

function unsafe(what: string, hint?: string): Failure {
  const message = `${what} may not have empty parts, '.', '..' or NUL`;
  return new Failure("unsafe", message, hint === undefined ? {} : { hint });
}
