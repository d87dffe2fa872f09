import { Failure } from "../failure/failure.ts";

/** The other side takes no more messages for a while, and says how long. */
export class TryLater extends Failure {
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super("busy", message, { hint: `try again in ${Math.ceil(afterMs / 1000)} seconds` });
    this.afterMs = afterMs;
  }
}
