const runLabel = "davit.drill.run";

/**
 * The only labels that a drill's things carry. The module's own are left out, all of them: other programs act upon labels too,
 * a reverse proxy for one, which must not send anyone to a drill. `davit.enable` takes back what an image may say.
 */
export function drillLabels(run: string, module: string): Record<string, string> {
  return { [runLabel]: run, "davit.drill.module": module, "davit.enable": "false" };
}

/** What finds all that a run's drill made. */
export function drillFilter(run: string): string {
  return `${runLabel}=${run}`;
}
