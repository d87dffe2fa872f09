import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Failure } from "../../../src/failure/failure.ts";

const amount = z.coerce.number().int().min(1);
const options = z.object({
  database: amount,
  files: amount,
  rate: amount,
  dir: z.string(),
  json: z.boolean(),
});

/** What `scripts/bench --help` lists for `--hold`. */
export type HoldOptions = z.infer<typeof options>;

const whole = { database: "2048", files: "100000", rate: "200" };
const small = { database: "96", files: "4000", rate: "100" };

/** Throws a `usage` Failure. */
export function readHoldOptions(args: readonly string[]): HoldOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        hold: { type: "boolean" },
        small: { type: "boolean", default: false },
        database: { type: "string" },
        files: { type: "string" },
        rate: { type: "string" },
        dir: { type: "string", default: tmpdir() },
        json: { type: "boolean", default: false },
      },
    });
    const read = options.parse({ ...(values.small ? small : whole), ...values });
    return { ...read, dir: resolve(read.dir, "davit-bench-hold") };
  } catch (thrown) {
    const message = thrown instanceof z.ZodError ? z.prettifyError(thrown) : String(thrown);
    throw new Failure("usage", message, { hint: "scripts/bench --help lists the options", cause: thrown });
  }
}
