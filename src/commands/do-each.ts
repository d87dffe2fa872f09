import { asFailure, exitCodes, type Failure } from "../failure/failure.ts";
import { describeFailureOf } from "./describe-failure.ts";
import type { VerbContext } from "./command.ts";

export interface EachJob extends Pick<VerbContext, "names" | "output" | "signal"> {
  /** What the names are of, as rows for programs call it. */
  called: "id" | "module" | "machine";
  /** Does it for one name, says so, and gives its row for programs. */
  work(name: string): Promise<object>;
  /** What is told besides of one that failed. */
  failed?(name: string, failure: Failure): Promise<void>;
}

/**
 * Does one thing after the other and gives programs a row of each, in order. One that fails does not keep the others from their turn;
 * a Ctrl-C does. The exit code is that of the last that failed, 0 where none did.
 */
export async function doEach({ names, output, signal, called, work, failed }: EachJob): Promise<number> {
  const rows: object[] = [];
  let code = 0;
  for (const name of names) {
    signal.throwIfAborted();
    try {
      rows.push(await work(name));
    } catch (error) {
      const failure = asFailure(error);
      if (signal.aborted) throw failure;
      const { kind, message, hint } = failure;
      rows.push({ [called]: name, ok: false, failure: { kind, message, hint } });
      output.problem(describeFailureOf(name, failure));
      await failed?.(name, failure);
      code = exitCodes[kind];
    }
  }
  output.data(rows);
  return code;
}
