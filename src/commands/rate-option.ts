import { rateExample, readRate } from "../config/read-rate.ts";
import { Failure } from "../failure/failure.ts";

/** Bytes a second, as `--rate` has them; 0, which is no limit, where it is not given. `example` is the verb with a name. */
export function rateOption(given: unknown, example: string): number {
  if (typeof given !== "string") return 0;
  const rate = readRate(given);
  if (rate !== undefined) return rate;
  throw new Failure("usage", `--rate is ${JSON.stringify(given)}, which is not an amount a second`, {
    hint: `${example} --rate ${rateExample}`,
  });
}
