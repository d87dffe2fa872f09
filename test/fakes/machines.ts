import { EventEmitter, once } from "node:events";
import type { MachineJob, MachineStatus, PointManifest, PointSummary } from "../../src/contract/machine.ts";
import type { RunEvent, RunSummary } from "../../src/contract/run-event.ts";
import { Failure } from "../../src/failure/failure.ts";
import type { MachineOperations } from "../../src/link/machine-operations.ts";

type NewEvent = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "seq" | "at"> : never) : never;

/** A machine with one chain of two points. */
export function exampleMachine(name: string): MachineStatus {
  return {
    name,
    settings: {
      domain: `${name}.domain`,
      uri: "qemu:///system",
      timezone: "Europe/Berlin",
      full: "0 1 * * 0",
      incremental: "0 1 * * 1-6",
      quiesce: "auto",
      compress: false,
      keep: { last: 4 },
      rollUp: null,
      drill: { schedule: null, check: { type: "auto" }, timeoutSeconds: 300, memoryMiB: 1024 },
    },
    state: "running",
    problem: null,
    points: [examplePoint(name, "20261123T010000Z"), examplePoint(name, "20261122T010000Z")],
    next: { full: "2026-11-29T00:00:00.000Z", incremental: "2026-11-24T00:00:00.000Z", drill: null },
    warnings: [],
  };
}

const chain = "20261122T010000Z";

function examplePoint(machine: string, time: string): PointSummary {
  const verified = { kind: "verified", at: "2026-11-23T03:00:00.000Z", ok: true, ms: 900 } as const;
  return {
    id: `${machine}/${chain}/${time}`,
    machine,
    chain,
    time,
    manifest: exampleManifest(machine, time),
    evidence: [verified],
    screenshot: true,
    problem: null,
  };
}

function exampleManifest(machine: string, time: string): PointManifest {
  const type = time === chain ? "full" : "incremental";
  return {
    format: 1,
    kind: "machine",
    machine,
    domain: `${machine}.domain`,
    uuid: "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
    chain,
    time,
    type,
    parent: type === "full" ? null : chain,
    checkpoint: `davit-${time}`,
    davit: "0.1.0",
    host: { id: "3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10", name: "host" },
    versions: { libvirt: "9.0.0", qemu: "7.2.0" },
    started: "2026-11-22T01:00:00.000Z",
    taken: "2026-11-22T01:00:01.000Z",
    sealed: "2026-11-22T01:02:00.000Z",
    quiesce: { wanted: "auto", used: ["hold", "freeze"], ms: 61 },
    fallback: null,
    disks: [],
    documents: [],
    warnings: [],
  };
}

/** The agent's machines in memory: tests tell runs what happens and see what was started. */
export class FakeMachines implements MachineOperations {
  found: MachineStatus[] = [exampleMachine("docker-host"), exampleMachine("mail")];
  readonly started: string[] = [];
  /** The file of every picture; null where there is none. */
  picture: string | null = null;
  readonly #runs = new Map<string, { events: RunEvent[]; news: EventEmitter }>();

  async machines(): Promise<MachineStatus[]> {
    return this.found;
  }

  async start(machine: string, job: MachineJob): Promise<string> {
    const going = [...this.#runs].find(([, { events }]) => isOf(machine, events) && events.at(-1)?.type !== "ended");
    if (going !== undefined) throw new Failure("busy", `${machine} is busy: run ${going[0]} has its lock`);
    this.started.push(`${machine} ${job}`);
    const kind = job === "verify" || job === "drill" ? job : "backup";
    const run = `20261123T02000${this.#runs.size}Z-${kind}-${machine}-ab12`;
    this.#runs.set(run, { events: [], news: new EventEmitter() });
    this.tell(run, { type: "started", run, kind, module: machine, backup: null, trigger: "api" });
    return run;
  }

  /** Something happens in a run. */
  tell(run: string, event: NewEvent): void {
    const { events, news } = this.#run(run);
    events.push({ seq: events.length + 1, at: new Date().toISOString(), ...event });
    news.emit("event");
  }

  async runs(machine: string, limit: number): Promise<RunSummary[]> {
    const own = [...this.#runs].filter(([, { events }]) => isOf(machine, events));
    return own.slice(0, limit).map(([run, { events }]) => ({
      run,
      kind: "backup",
      module: machine,
      trigger: "api",
      started: events[0]?.at ?? "",
      ended: null,
      outcome: null,
      backup: null,
      stage: null,
      progress: null,
      failure: null,
      warnings: 0,
    }));
  }

  async runEvents(run: string, after: number): Promise<RunEvent[]> {
    return this.#run(run).events.filter((one) => one.seq > after);
  }

  async *followRun(run: string, after: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const { events, news } = this.#run(run);
    for (let next = after; !signal.aborted;) {
      const event = events[next];
      if (event !== undefined) {
        next += 1;
        yield event;
      } else if (events.at(-1)?.type === "ended") return;
      else await once(news, "event", { signal }).catch(() => undefined);
    }
  }

  async screenshot(): Promise<string | null> {
    return this.picture;
  }

  #run(id: string) {
    const run = this.#runs.get(id);
    if (run === undefined) throw new Failure("missing", `there is no run ${id}`);
    return run;
  }
}

function isOf(machine: string, [first]: readonly RunEvent[]): boolean {
  return first?.type === "started" && first.module === machine;
}
