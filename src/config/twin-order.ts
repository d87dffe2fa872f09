import { z } from "zod";

const order = z.object({
  DAVIT_TWIN_RUN: z.string(),
  DAVIT_TWIN_TRIGGER: z.enum(["schedule", "catch-up", "cli", "api"]),
});

/** The run that a twin is to do for the Davit that started it. */
export interface TwinOrder {
  run: string;
  trigger: z.infer<typeof order>["DAVIT_TWIN_TRIGGER"];
}

/** What a twin is told in its environment; null for a Davit that nobody started as one. */
export function readTwinOrder(environment: Readonly<Record<string, string | undefined>>): TwinOrder | null {
  const found = order.safeParse(environment);
  if (!found.success) return null;
  return { run: found.data.DAVIT_TWIN_RUN, trigger: found.data.DAVIT_TWIN_TRIGGER };
}

/** The same, written for the environment of a twin. */
export function twinEnvironment({ run, trigger }: TwinOrder): string[] {
  return [`DAVIT_TWIN_RUN=${run}`, `DAVIT_TWIN_TRIGGER=${trigger}`];
}
