import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { RecreatePreview } from "../contract/api.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { Failure, withCleanup } from "../failure/failure.ts";
import { fromText } from "../format/byte-path.ts";
import { type MadeContainer, Recreation } from "../recreate/recreation.ts";
import type { RecreatePlan } from "../recreate/recreate-plan.ts";
import { takeBack } from "../recreate/take-back.ts";
import { extractBackup, type ExtractResult } from "../restore/extract-backup.ts";
import type { TreeRoot } from "../restore/restore-tree.ts";
import { selectBytes } from "../restore/select-entries.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { type OpenBackup, openBackup } from "./open-backup.ts";
import { planRecreate } from "./plan-recreate.ts";
import { recordRun } from "./record-run.ts";
import { requireSpace } from "./require-space.ts";
import { recreateInTwin } from "./twin-verbs.ts";
import { waitForHealth } from "./wait-for-health.ts";

export interface RecreateResult extends ExtractResult {
  backup: string;
  networks: string[];
  volumes: string[];
  containers: { name: string; id: string; started: boolean }[];
  /** What is wrong with containers that did not become healthy, in words. */
  unwell: string[];
}

interface Context {
  davit: Davit;
  backup: OpenBackup;
  reporter: RunReporter;
  signal: AbortSignal;
}

/**
 * Makes a whole module anew from a sealed backup alone: its images, networks, volumes, data and containers, as they were, and
 * starts those that ran. Nothing that exists is touched: what is in the way is told before anything is made. When it throws, all
 * that it made is gone again, and data that came in is set aside.
 */
export async function recreateModule(davit: Davit, name: string, request: FlowRequest): Promise<RecreateResult> {
  const backup = await openBackup(davit, name);
  const elsewhere = await recreateInTwin(davit, backup, request);
  if (elsewhere !== null) return elsewhere;
  return recordRun(davit, request, {
    kind: "recreate",
    module: backup.module,
    backup: backup.id,
    work: async (reporter) => {
      const context = { davit, backup, reporter, signal: request.signal };
      reporter.stage("plan");
      const plan = await planRecreate(davit, backup);
      for (const { message, hint } of plan.warnings) reporter.warning(message, hint);
      refuse(backup.id, plan);
      await pullImages(context, plan);
      const { module } = backup;
      const recreation = new Recreation(
        davit.docker,
        davit.recreations,
        { module, backup: backup.id, paths: plan.paths },
        davit.now,
      );
      return withCleanup(
        async () => {
          await recreation.begin();
          return make(context, plan, recreation);
        },
        async () => {
          const taken = await takeBack(davit.docker, davit.recreations, module, davit.now());
          for (const path of taken?.keptAside ?? []) reporter.warning(`the data that came in is kept in ${path}`);
        },
      );
    },
  });
}

/** What `recreateModule` would make, and what keeps it from being done; nothing is changed. */
export async function previewRecreate(davit: Davit, name: string): Promise<RecreatePreview> {
  const backup = await openBackup(davit, name);
  const plan = await planRecreate(davit, backup);
  const containers = plan.waves.flat();
  return {
    backup: backup.id,
    images: containers.map(({ name: container, image }) => ({ container, image: image.name, pull: image.pull })),
    networks: plan.networks.map((one) => ({ name: one.name, isThere: one.isThere })),
    volumes: plan.volumes.map((one) => one.like.Name),
    paths: plan.paths,
    containers: containers.map(({ name: container, starts }) => ({ name: container, starts })),
    bytes: backup.manifest.counts.bytesIn,
    inTheWay: plan.inTheWay,
    missing: plan.missing,
    warnings: plan.warnings.map((one) => one.message),
  };
}

function refuse(id: string, { inTheWay, missing }: RecreatePlan): void {
  const [lacking] = missing;
  if (lacking !== undefined)
    throw new Failure("missing", missing.map((one) => one.message).join("; "), { hint: lacking.hint });
  if (inTheWay.length > 0)
    throw new Failure("failed", `in the way of ${id}: ${inTheWay.join("; ")}`, {
      hint: "nothing that exists is overwritten: remove or rename these, or use `davit restore --in-place` for the data alone",
    });
}

async function pullImages({ davit, reporter, signal }: Context, { waves }: RecreatePlan): Promise<void> {
  const wanted = new Set(waves.flat().flatMap(({ image }) => image.pull ?? []));
  if (wanted.size > 0) reporter.stage("images");
  for (const reference of wanted) await davit.docker.pullImage(reference, signal);
}

async function make(context: Context, plan: RecreatePlan, recreation: Recreation): Promise<RecreateResult> {
  const { davit, backup, reporter, signal } = context;
  reporter.stage("networks");
  await recreation.makeNetworks(plan.networks, (message) => reporter.warning(message));
  reporter.stage("volumes");
  const folders = await recreation.makeVolumes(plan.volumes);
  signal.throwIfAborted();

  reporter.stage("extract");
  const extracted = await extract(context, plan, folders);

  reporter.stage("containers");
  const waves = await recreation.makeContainers(plan.waves);
  reporter.stage("start");
  await start(context, waves);
  signal.throwIfAborted();
  // From here on the module is there; that a service is not well yet is no reason to take it away again.
  await recreation.end();

  reporter.stage("health");
  const made = waves.flat();
  const unwell = await waitForHealth(
    davit.docker,
    made.filter((one) => one.starts),
    signal,
  );
  for (const problem of unwell) reporter.warning(`after the recovery, ${problem}`, "look at its log: `docker logs`");
  return {
    backup: backup.id,
    networks: plan.networks.filter((one) => !one.isThere).map((one) => one.name),
    volumes: [...folders.keys()],
    containers: made.map(({ name, id, starts }) => ({ name, id, started: starts })),
    ...extracted,
    unwell,
  };
}

/** Each volume's data into the volume of that name, wherever that is now; all else to where it was. */
async function extract(
  { backup, reporter, signal }: Context,
  plan: RecreatePlan,
  folders: ReadonlyMap<string, string>,
): Promise<ExtractResult> {
  const roots = new Map<string, TreeRoot>();
  const add = (prefix: string, directory: string): void => {
    roots.set(prefix, { prefix: fromText(prefix).slice(1), directory });
  };
  for (const { like, source } of plan.volumes) if (source !== null) add(source, folders.get(like.Name) ?? "");
  for (const path of plan.paths) {
    const folder = dirname(path);
    if ((await mkdir(folder, { recursive: true })) !== undefined)
      reporter.warning(`${folder} was not there; it was made with the owner and mode of a new folder`);
    add(folder, folder);
  }
  const sources = backup.manifest.sources.map((one) => one.path);
  const wanted = sources.filter((path) => plan.paths.includes(path) || plan.volumes.some((one) => one.source === path));
  const select = wanted.length === sources.length ? null : wanted.map((path) => fromText(path).slice(1));
  if (wanted.length === 0) return { entries: 0, bytes: 0, notes: [], notesTotal: 0 };
  const bytes = await selectBytes(backup, select ?? []);
  for (const { directory } of roots.values()) await requireSpace(directory, bytes, reporter);
  return extractBackup({
    folder: backup.folder,
    manifest: backup.manifest,
    target: [...roots.values()],
    ...(select !== null && { select }),
    signal,
    onProgress: (now) => reporter.progress(now),
  });
}

/** In the order of dependencies; what others wait for has to be healthy first, where it can tell. */
async function start({ davit, signal }: Context, waves: readonly (readonly MadeContainer[])[]): Promise<void> {
  for (const [index, wave] of waves.entries()) {
    signal.throwIfAborted();
    const starting = wave.filter((one) => one.starts);
    for (const { name } of starting) await davit.docker.start(name);
    const telling = starting.filter((one) => one.hasHealthCheck);
    if (index < waves.length - 1 && telling.length > 0) await waitForHealth(davit.docker, telling, signal);
  }
}
