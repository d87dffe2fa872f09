import { setTimeout as delay } from "node:timers/promises";
import type { ContainerLog, Finding } from "../contract/manifest.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { asFailure, type Failure } from "../failure/failure.ts";
import { type DrillContainer, drillContainer } from "./drill-container.ts";
import { drillLabels } from "./drill-labels.ts";
import { type DrillOrder, nameOf } from "./drill-order.ts";
import { plainText } from "./plain-text.ts";
import { waitUntilWell } from "./wait-until-well.ts";
import { ContainerWatch } from "./watch-containers.ts";

export interface DrillOutcome {
  /** What is wrong; null where the module is well. */
  failure: Failure | null;
  /** What showed that it is well, in the check's own words. */
  detail: string;
  findings: Finding[];
  logs: ContainerLog[];
}

const logLimits = { lines: 40, bytes: 8 * 1024 };
const lookEveryMs = 250;

/**
 * Starts a module from its restored data, on a network of its own that leads nowhere, in the order of its dependencies, and asks
 * it whether it is well. That it is not well is a result; what is thrown says nothing of the backup. All that is made here
 * is left for `removeDrill`.
 */
export async function drillModule(order: DrillOrder): Promise<DrillOutcome> {
  const { docker, run, module, signal, settings } = order;
  const network = `davit-${run}`;
  await docker.createNetwork({
    name: network,
    internal: true,
    labels: drillLabels(run, module),
    // Without an address of its own on the network, the host can't be reached from it either.
    more: { Options: { "com.docker.network.bridge.inhibit_ipv4": "true" } },
  });
  const findings: Finding[] = [];
  const made: { id: string; name: string }[] = [];
  const watch = new ContainerWatch(docker);
  let detail = "";
  let failure: Failure | null = null;
  try {
    const all = order.waves.flat();
    // One that did not run when the backup was made need not run now, but others may use its volumes.
    const ran = all.some((one) => one.State.Running) ? all.filter((one) => one.State.Running) : all;
    if (ran.length < all.length) findings.push(...notStarted(all.filter((one) => !ran.includes(one))));
    order.reporter.stage("start");
    const limit = AbortSignal.timeout(settings.timeoutSeconds * 1000);
    for (const [at, wave] of order.waves.entries()) {
      for (const document of wave) {
        signal.throwIfAborted();
        const { id, container } = await create(order, document, network);
        findings.push(...container.findings);
        made.push({ id, name: container.name });
        if (ran.includes(document))
          await watch.start({ id, name: container.name, policy: document.HostConfig.RestartPolicy });
      }
      if (at < order.waves.length - 1) await untilReady(watch, settings.timeoutSeconds * 500, signal);
    }
    order.reporter.stage("check");
    detail = await waitUntilWell(order, watch, limit);
    findings.push(...(await watch.look()).flatMap(({ problem }) => (problem === null ? [] : [{ message: problem }])));
  } catch (error) {
    failure = asFailure(error);
    if (!isVerdict(failure)) throw failure;
  }
  return { failure, detail, findings, logs: await readLogs(order, made) };
}

function isVerdict({ kind }: Failure): boolean {
  return kind === "failed" || kind === "missing" || kind === "config" || kind === "unsafe";
}

function notStarted(documents: readonly ContainerInspect[]): Finding[] {
  return documents.map((one) => ({
    message: `${nameOf(one)} was not started: it did not run when the backup was made`,
  }));
}

/** Makes a container from its document; a file of the time zone that this host has not is left out in a second try. */
async function create(
  order: DrillOrder,
  document: ContainerInspect,
  network: string,
): Promise<{ id: string; container: DrillContainer }> {
  const container = drillContainer(document, { ...order, network, withTime: true });
  try {
    return { id: await order.docker.createContainer(container.drillName, container.spec), container };
  } catch (error) {
    if (!/bind source path does not exist/u.test(asFailure(error).message)) throw error;
    const less = drillContainer(document, { ...order, network, withTime: false });
    less.findings.push({ message: `${less.name}: this host has not all of the files that tell its time zone` });
    return { id: await order.docker.createContainer(less.drillName, less.spec), container: less };
  }
}

/** Waits until those with a health check are healthy, since others count on them; not for ever, since that is for the check to say. */
async function untilReady(watch: ContainerWatch, limitMs: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + limitMs;
  for (;;) {
    const states = await watch.look();
    if (states.every((one) => one.final || (one.running && (one.health === "healthy" || one.health === "none"))))
      return;
    if (performance.now() > until) return;
    await delay(lookEveryMs, undefined, { signal });
  }
}

async function readLogs(
  { docker, reporter }: DrillOrder,
  made: readonly { id: string; name: string }[],
): Promise<ContainerLog[]> {
  const logs: ContainerLog[] = [];
  for (const { id, name } of made) {
    try {
      logs.push({ container: name, text: plainText(await docker.logs(id, logLimits)) });
    } catch (error) {
      reporter.warning(`the log of ${name} can't be read: ${asFailure(error).message}`);
    }
  }
  return logs;
}
