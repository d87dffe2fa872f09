import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Failure } from "../../../src/failure/failure.ts";

const options = z.object({
  /** Sizes of the disk, in MiB. */
  disks: z.string().transform((text) => text.split(",").map((one) => z.coerce.number().int().min(64).parse(one))),
  /** What is written between two backups, in MiB. */
  changed: z.coerce.number().int().min(1),
  runs: z.coerce.number().int().min(1),
  dir: z.string(),
  json: z.boolean(),
});

/** What `scripts/bench --help` lists for `--vm`. */
export type VmOptions = z.infer<typeof options>;

const whole = { disks: "1024,2048,4096", changed: "64" };
const small = { disks: "128,256", changed: "8" };

/** Throws a `usage` Failure. */
export function readVmOptions(args: readonly string[]): VmOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        vm: { type: "boolean" },
        small: { type: "boolean", default: false },
        disks: { type: "string" },
        changed: { type: "string" },
        runs: { type: "string", default: "3" },
        dir: { type: "string", default: tmpdir() },
        json: { type: "boolean", default: false },
      },
    });
    const read = options.parse({ ...(values.small ? small : whole), ...values });
    return { ...read, dir: resolve(read.dir, "davit-bench-vm") };
  } catch (thrown) {
    const message = thrown instanceof z.ZodError ? z.prettifyError(thrown) : String(thrown);
    throw new Failure("usage", message, { hint: "scripts/bench --help lists the options", cause: thrown });
  }
}
