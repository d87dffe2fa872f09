import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Failure } from "../../src/failure/failure.ts";

const parts = ["small", "big", "file", "million", "restore"] as const;
export type Part = (typeof parts)[number];

const amount = z.coerce.number().int().min(1);
const options = z.object({
  parts: z.array(z.enum(parts)),
  runs: amount,
  files: amount,
  big: amount,
  archive: amount,
  many: amount,
  dir: z.string(),
  keep: z.boolean(),
  json: z.boolean(),
});

/** What `scripts/bench --help` lists. Sizes are MiB. */
export type Options = z.infer<typeof options>;

/** Throws a `usage` Failure. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        runs: { type: "string", default: "3" },
        files: { type: "string", default: "50000" },
        big: { type: "string", default: "1024" },
        archive: { type: "string", default: "2048" },
        many: { type: "string", default: "1000000" },
        dir: { type: "string", default: tmpdir() },
        keep: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const read = options.parse({ ...values, parts: positionals.length === 0 ? parts : positionals });
    return { ...read, dir: resolve(read.dir, "davit-bench") };
  } catch (thrown) {
    const message = thrown instanceof z.ZodError ? z.prettifyError(thrown) : String(thrown);
    throw new Failure("usage", message, { hint: "scripts/bench --help lists the options", cause: thrown });
  }
}
