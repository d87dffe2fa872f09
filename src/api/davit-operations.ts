import { setMaxListeners } from "node:events";
import type { Module } from "../contract/module.ts";
import type { UnlistedContainer } from "../contract/overview.ts";
import type { RunTrigger } from "../contract/run-event.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { copyToAgent } from "../flow/copy-to-agent.ts";
import type { AgentLink } from "../link/sidecar/connect-agent.ts";
import { checkAgent } from "../link/sidecar/check-agent.ts";
import { notPaired } from "../link/sidecar/not-paired.ts";
import { acknowledge } from "../flow/acknowledge.ts";
import { backupModule } from "../flow/backup.ts";
import { entryFinder } from "../flow/browse.ts";
import type { Davit } from "../flow/davit.ts";
import type { FlowRequest } from "../flow/flow-request.ts";
import { drillBackup } from "../flow/drill.ts";
import { examine } from "../flow/examine.ts";
import { loadDumps, previewDumpLoad } from "../flow/load-dumps.ts";
import { showOverview } from "./show-overview.ts";
import { openBackup } from "../flow/open-backup.ts";
import { previewRestore } from "../flow/preview-restore.ts";
import { previewPrune, pruneModule } from "../flow/prune.ts";
import { previewRecreate, recreateModule } from "../flow/recreate.ts";
import { restoreBackup } from "../flow/restore.ts";
import { undoRestore } from "../flow/undo.ts";
import { verifyBackup } from "../flow/verify.ts";
import { listEntries } from "../format/list-entries.ts";
import { readEntry } from "../format/read-entry.ts";
import { printableConfig } from "../config/printable-config.ts";
import type { Job } from "../schedule/jobs-of.ts";
import { nextRun } from "../schedule/next-run.ts";
import { createBrowseOperations } from "./browse-operations.ts";
import { createNotificationOperations } from "./notification-operations.ts";
import type { Operations } from "./operations.ts";

export interface OperationsOptions {
  davit: Davit;
  /** The agent on the physical host; null where none is paired. */
  agent: AgentLink | null;
  /** The modules as discovery last saw them. */
  modules: () => Module[];
  /** The containers with data that nobody has opted in, as discovery last saw them. */
  unlisted: () => UnlistedContainer[];
  /** The engine's volume that the vault lies in; null where it lies in none, or that is not known yet. */
  vaultVolume: () => string | null;
  /** Ends everything that was started, when the program stops. */
  signal: AbortSignal;
  /** Called whenever a backup was sealed. */
  onSealed?: () => void;
  /** Called whenever a run ended, in whatever way. */
  onEnded?: () => void;
}

/** The program's runs: what the API can ask, and what the schedule starts. */
export interface DavitOperations extends Operations {
  /** Does what is due; resolves when that is done, rejects where it fails. */
  runWhenDue(job: Pick<Job, "kind" | "module">, trigger: RunTrigger): Promise<void>;
  /** Verifies a backup because it is its turn; gives way to every other run of its module. */
  verifyInTurn(id: string): Promise<void>;
  /** Copies a backup to the agent because it is new; gives way to every other run of its module. */
  copyInTurn(id: string): Promise<void>;
  /** Resolves once no run that the API started goes on any more. */
  idle(): Promise<void>;
}

type Flow = (request: FlowRequest) => Promise<unknown>;

/** What the API can ask, done by the flows. Runs that it starts go on by themselves. */
export function createOperations({
  davit,
  agent,
  modules,
  unlisted,
  vaultVolume,
  signal,
  onSealed = () => {},
  onEnded = () => {},
}: OperationsOptions): DavitOperations {
  const going = new Map<string, AbortController>();
  const promises = new Set<Promise<unknown>>();
  const inTurn = { rate: davit.config.verifyRate, givesWay: true };
  setMaxListeners(0, signal);

  async function backUp(module: string, request: FlowRequest): Promise<void> {
    await backupModule(davit, module, request);
    onSealed();
  }

  /** Does a flow to its end; its run can be cancelled meanwhile. */
  async function perform(flow: Flow, trigger: RunTrigger, onRun: (run: string) => void = () => {}): Promise<void> {
    const cancel = new AbortController();
    let run: string | null = null;
    try {
      await flow({
        trigger,
        signal: AbortSignal.any([signal, cancel.signal]),
        onRun(id) {
          run = id;
          going.set(id, cancel);
          onRun(id);
        },
      });
    } finally {
      if (run !== null) {
        going.delete(run);
        onEnded();
      }
    }
  }

  /** Starts a flow; resolves with its run's id once the log is open, rejects where it does not come to that. */
  function start(flow: Flow): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const done = perform(flow, "api", resolve)
      .catch(reject) // once the run has its id, its failure stands in its log
      .finally(() => promises.delete(done));
    promises.add(done);
    return promise;
  }

  return {
    runWhenDue: ({ kind, module }, trigger) =>
      perform(
        (request) => (kind === "backup" ? backUp(module, request) : drillBackup(davit, `${module}@latest`, request)),
        trigger,
      ),
    copyInTurn: async (id) => {
      if (agent === null) throw notPaired();
      await perform((request) => copyToAgent(davit, agent, id, request, { givesWay: true }), "schedule");
    },
    verifyInTurn: (id) => perform((request) => verifyBackup(davit, id, request, inTurn), "schedule"),
    overview: () => showOverview(davit, { modules: modules(), unlisted: unlisted(), vaultVolume: vaultVolume() }),
    modules: async () => modules(),
    nextRun(name) {
      const module = modules().find((one) => one.name === name);
      return module === undefined ? null : nextRun(module.settings.schedule, module.settings.timezone, davit.now());
    },
    async backups(module) {
      const { rows } = davit.vault;
      return module === undefined ? [...(await rows.list()).values()].flat() : rows.listOf(module);
    },
    backup: (id) => davit.vault.resolve(id),
    ...createBrowseOperations(davit),
    ...createNotificationOperations(davit),
    async *files(id, prefix, fileSignal) {
      const { folder, manifest } = await openBackup(davit, id);
      yield* listEntries({ folder, manifest, signal: fileSignal }, prefix);
    },
    async readFile(id, path, fileSignal) {
      const backup = await openBackup(davit, id);
      return readEntry({ ...backup, signal: fileSignal }, path, entryFinder(davit, backup, fileSignal));
    },
    startBackup: (module) => start((request) => backUp(module, request)),
    previewRestore: (id, { target, paths }, previewSignal) =>
      previewRestore(davit, id, { target, paths }, previewSignal),
    startRestore: (id, { target, paths }) => start((request) => restoreBackup(davit, id, { target, paths }, request)),
    previewDumpLoad: (id, container) => previewDumpLoad(davit, id, container),
    startDumpLoad: (id, container) => start((request) => loadDumps(davit, id, container, request)),
    startUndo: (module) => start((request) => undoRestore(davit, module, request)),
    startRecreate: (id) => start((request) => recreateModule(davit, id, request)),
    previewRecreate: (id) => previewRecreate(davit, id),
    startVerify: (id) => start((request) => verifyBackup(davit, id, request)),
    startCopy: async (id) => {
      if (agent === null) throw notPaired();
      return start((request) => copyToAgent(davit, agent, id, request));
    },
    startDrill: (id) => start((request) => drillBackup(davit, id, request)),
    prune: (module, dryRun, pruneSignal) =>
      dryRun ? previewPrune(davit, module) : pruneModule(davit, module, { trigger: "api", signal: pruneSignal }),
    acknowledge: (id, note) => acknowledge(davit, id, note),
    runs: (filter) => davit.runs.list(filter),
    runEvents: (run, after) => davit.runs.read(run, after),
    followRun: (run, after, followSignal) => davit.runs.follow(run, after, followSignal),
    async cancelRun(run) {
      const cancel = going.get(run);
      if (cancel !== undefined) {
        cancel.abort(new Failure("cancelled", "cancelled by request"));
        return;
      }
      const events = await davit.runs.read(run);
      if (events.at(-1)?.type === "ended") return;
      throw new Failure("busy", `the run ${run} was not started here`, {
        hint: "a run of the command line ends by stopping what started it",
      });
    },
    agent,
    printableConfig: () => ({ ...printableConfig(davit.config) }),
    doctor: (doctorSignal) => {
      const { agent: line } = davit.config;
      const more = line === null ? [] : [["agent", () => checkAgent(line, davit.now, doctorSignal)] as const];
      return examine(davit.config, davit.now, { signal: doctorSignal, more });
    },
    async ready() {
      const reasons: string[] = [];
      const tell = (error: unknown): void => void reasons.push(asFailure(error).message);
      await davit.docker.ping().catch(tell);
      await davit.vault.freeBytes().catch(tell);
      return { ready: reasons.length === 0, reasons };
    },
    async idle() {
      await Promise.allSettled(promises);
    },
  };
}
