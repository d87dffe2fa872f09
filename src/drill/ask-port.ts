import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { DrillCheck } from "../contract/settings.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { asFailure, withCleanup } from "../failure/failure.ts";
import { drillLabels } from "./drill-labels.ts";
import type { DrillOrder } from "./drill-order.ts";
import { lastWords } from "./plain-text.ts";

/** `said`: what was answered, or why nothing was. */
const answer = z.strictObject({ ok: z.boolean(), said: z.string() });
export type Answer = z.infer<typeof answer>;

/** How long one asking goes on; then it is looked whether the container still runs. */
const askSeconds = 5;
const lookEveryMs = 100;
const memoryBytes = 256 * 1024 * 1024;

/**
 * Asks a port of a container from inside its network, which Davit is not on: by a short-lived container of Davit's own image
 * that shares the network. `ok` false where it did not answer as wanted within a few seconds.
 */
export async function askPort(
  order: Pick<DrillOrder, "docker" | "run" | "module" | "askingImage">,
  container: { id: string; name: string },
  check: Extract<DrillCheck, { type: "tcp" | "http" }>,
  signal: AbortSignal,
): Promise<Answer> {
  const { docker, run, module } = order;
  const script = readFileSync(new URL("probe.ts", import.meta.url), "utf8");
  const path = check.type === "http" ? check.path : "";
  const words = ["--input-type=module-typescript", "--disable-warning=ExperimentalWarning", "--eval", script];
  const id = await docker.createContainer(`davit-${run}-ask-${container.name}`, {
    body: {
      Image: order.askingImage,
      Entrypoint: ["node"],
      Cmd: [...words, "--", check.type, String(check.port), path, String(askSeconds)],
      Healthcheck: { Test: ["NONE"] },
      Labels: drillLabels(run, module),
      User: "65534:65534",
      HostConfig: {
        NetworkMode: `container:${container.id}`,
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Memory: memoryBytes,
        PidsLimit: 100,
        LogConfig: { Type: "json-file", Config: {} },
      },
    },
    connect: [],
  });
  return withCleanup(
    () => answerOf(docker, id, signal),
    () => docker.removeContainer(id),
  );
}

async function answerOf(docker: Docker, id: string, signal: AbortSignal): Promise<Answer> {
  try {
    await docker.start(id);
    while ((await docker.inspect(id)).State.Running) await delay(lookEveryMs, undefined, { signal });
    return readAnswer(await docker.logs(id, { lines: 5, bytes: 1000 }));
  } catch (error) {
    signal.throwIfAborted();
    const { kind, message } = asFailure(error);
    if (kind !== "failed") throw error;
    // The one that is asked has ended meanwhile, and its network with it.
    return { ok: false, said: message };
  }
}

function readAnswer(printed: string): Answer {
  try {
    return answer.parse(JSON.parse(printed));
  } catch {
    return { ok: false, said: `the container that asks failed: ${lastWords(printed)}` };
  }
}
