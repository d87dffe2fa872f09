import type { DumpPreview } from "../contract/api.ts";
import type { DumpRecord } from "../contract/manifest.ts";
import type { Module, ModuleContainer } from "../contract/module.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { loadDump } from "../dump/load-dump.ts";
import { Failure, withCleanup } from "../failure/failure.ts";
import { fromText } from "../format/byte-path.ts";
import { readEntry } from "../format/read-entry.ts";
import { holdModule } from "../hold/hold-module.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { type OpenBackup, openBackup } from "./open-backup.ts";
import { recordRun } from "./record-run.ts";
import { waitForHealth } from "./wait-for-health.ts";

export interface DumpLoadResult {
  backup: string;
  loaded: DumpRecord[];
  /** What is wrong with containers that did not become healthy again, in words. */
  unwell: string[];
}

interface LoadPlan {
  module: Module;
  loads: { dump: DumpRecord; container: ModuleContainer }[];
  /** Running containers of the module that stop meanwhile: whoever writes into a database that is being loaded breaks it. */
  stops: ModuleContainer[];
}

/** What `loadDumps` would do; nothing is changed. */
export async function previewDumpLoad(davit: Davit, name: string, container: string | null): Promise<DumpPreview> {
  const { loads, stops } = await plan(davit, await openBackup(davit, name), container);
  return { dumps: loads.map((one) => one.dump), stops: stops.map((one) => one.name) };
}

/**
 * Loads a backup's dumps, or that of one container, into the databases that run now. Each dump is read once before, so that a
 * damaged one changes nothing; the module's other containers stop meanwhile. What the databases hold is replaced: there is no
 * undo.
 */
export async function loadDumps(
  davit: Davit,
  name: string,
  container: string | null,
  request: FlowRequest,
): Promise<DumpLoadResult> {
  const backup = await openBackup(davit, name);
  const { signal } = request;
  return recordRun(davit, request, {
    kind: "restore",
    module: backup.module,
    backup: backup.id,
    work: async (reporter) => {
      reporter.stage("plan");
      const { module, loads, stops } = await plan(davit, backup, container);
      reporter.stage("verify");
      for (const { dump } of loads) for await (const _ of contentOf(backup, dump, signal));
      if (stops.length > 0) reporter.stage("stop");
      const held = { ...module, containers: stops };
      const { docker, ledger } = davit;
      const hold = await holdModule({ docker, module: held, ledger, mode: "stop", reporter, signal });
      await withCleanup(
        () => loadAll({ davit, backup, reporter, signal }, loads),
        async () => {
          if (stops.length > 0) reporter.stage("start");
          await hold.release();
        },
      );
      if (stops.length > 0) reporter.stage("health");
      const unwell = await waitForHealth(docker, stops, signal);
      for (const problem of unwell) reporter.warning(`after the load of the dumps, ${problem}`, "look at its log");
      return { backup: backup.id, loaded: loads.map((one) => one.dump), unwell };
    },
  });
}

async function plan(davit: Davit, backup: OpenBackup, wanted: string | null): Promise<LoadPlan> {
  const dumps = backup.manifest.dumps ?? [];
  const chosen = dumps.filter((one) => wanted === null || one.container === wanted);
  if (chosen.length === 0) {
    const what = wanted === null ? "holds no dump" : `holds no dump of ${wanted}`;
    const names = dumps.map((one) => one.container).join(", ");
    const hint =
      names === "" ? "dumps are made where a container has the label davit.dump" : `it holds dumps of ${names}`;
    throw new Failure("missing", `${backup.id} ${what}`, { hint });
  }
  const modules = await discoverModules(davit.docker, davit.config);
  const module = modules.find((one) => one.name === backup.module);
  if (module === undefined)
    throw new Failure("missing", `there is no module ${backup.module} on this host now`, {
      hint: "create and start its containers first: the databases have to run",
    });
  const loads = chosen.map((dump) => ({ dump, container: runningContainer(module, dump) }));
  const needed = neededBy(module, loads);
  const stops = module.containers.filter((one) => one.running && !one.paused && !needed.has(one.name));
  return { module, loads, stops };
}

function runningContainer(module: Module, { container }: DumpRecord): ModuleContainer {
  const found = module.containers.find((one) => one.name === container);
  if (found === undefined)
    throw new Failure("missing", `the module ${module.name} has no container ${container} now`, {
      hint: "create and start it first; docs/recovery.md tells how to load a dump by hand into another",
    });
  if (found.running && !found.paused) return found;
  const state = found.paused ? "is paused" : "does not run";
  throw new Failure("failed", `the container ${container} ${state}: a dump is loaded into a running database`, {
    hint: `\`docker ${found.paused ? "unpause" : "start"} ${container}\``,
  });
}

/** The containers that are loaded into, and all that these can't run without. */
function neededBy(module: Module, loads: LoadPlan["loads"]): ReadonlySet<string> {
  const needed = new Set(loads.map((one) => one.container.name));
  for (const name of needed)
    for (const other of module.containers.find((one) => one.name === name)?.dependsOn ?? []) needed.add(other);
  return needed;
}

interface LoadContext {
  davit: Davit;
  backup: OpenBackup;
  reporter: RunReporter;
  signal: AbortSignal;
}

async function loadAll({ davit, backup, reporter, signal }: LoadContext, loads: LoadPlan["loads"]): Promise<void> {
  const totalBytes = loads.reduce((sum, { dump }) => sum + dump.bytes, 0);
  reporter.stage("load");
  let done = 0;
  for (const [index, { dump, container }] of loads.entries()) {
    const document = await davit.docker.inspect(container.id);
    const before = done;
    async function* read(): AsyncGenerator<Buffer> {
      done = before;
      for await (const bytes of contentOf(backup, dump, signal)) {
        yield bytes;
        done += bytes.length;
        reporter.progress({ entries: index, bytes: done, totalEntries: loads.length, totalBytes });
      }
    }
    await loadDump(
      { docker: davit.docker, document, signal },
      {
        setting: { kind: dump.kind, path: dump.database },
        what: `loading the ${dump.kind} dump into ${container.name}`,
        read,
      },
    );
    done = before + dump.bytes;
  }
}

async function* contentOf(backup: OpenBackup, { path }: DumpRecord, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { content } = await readEntry({ ...backup, signal }, fromText(path));
  for await (const bytes of content) yield Buffer.from(bytes);
}
