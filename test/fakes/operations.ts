import { createHash } from "node:crypto";
import { once } from "node:events";
import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import type { AgentOperations } from "../../src/api/agent-operations.ts";
import { buffer } from "node:stream/consumers";
import type { Operations, RestoreOptions } from "../../src/api/operations.ts";
import type { BackupRow, DumpPreview } from "../../src/contract/api.ts";
import type { ChangeKind, Page, Preview } from "../../src/contract/browse.ts";
import { backupRow } from "../../src/contract/backup-row.ts";
import { type BackupSummary, type IndexEntry, unansweredAnomalies } from "../../src/contract/manifest.ts";
import type { Delivery, NotificationView } from "../../src/contract/notification.ts";
import type { Module } from "../../src/contract/module.ts";
import type { Overview } from "../../src/contract/overview.ts";
import type { RunEvent, RunSummary } from "../../src/contract/run-event.ts";
import { overviewModules } from "../../src/flow/overview.ts";
import { Failure } from "../../src/failure/failure.ts";
import { type BytePath, toBytes, toDisplay } from "../../src/format/byte-path.ts";
import { browseFiles, tarOfFiles } from "./browse.ts";
import { exampleBackup, exampleEntry, exampleModule } from "./examples.ts";

export interface FakeFile {
  entry: IndexEntry;
  content: Buffer;
  /** Reading breaks after the content with a `damaged` Failure. */
  broken?: boolean;
}

type NewEvent = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "seq" | "at"> : never) : never;

/** Operations in memory, which keep the contract to the letter: tests tell runs what happens and see what was asked. */
export class FakeOperations implements Operations {
  readonly asked: { what: string; id: string; options?: RestoreOptions }[] = [];
  found: Module[] = [exampleModule("nas"), exampleModule("wiki")];
  sealed: BackupSummary[] = [exampleBackup("nas", "20261122T020000Z"), exampleBackup("nas", "20261121T020000Z")];
  readonly contents = new Map<BytePath, FakeFile>();
  reasons: string[] = [];
  agent: AgentOperations | null = null;
  readonly #runs = new Map<string, { module: string; events: RunEvent[]; news: EventEmitter }>();

  addFile(path: BytePath, content: string | Buffer, more: Partial<FakeFile> = {}): void {
    const bytes = Buffer.from(content);
    const entry = exampleEntry(path, bytes.length, createHash("sha256").update(bytes).digest("hex"));
    this.contents.set(path, { entry, content: bytes, ...more });
  }

  /** Something happens in a run; its followers see it at once. */
  tell(run: string, event: NewEvent): void {
    const found = this.#run(run);
    if (found.events.at(-1)?.type === "ended") throw new Error(`${run} has ended`);
    found.events.push({ seq: found.events.length + 1, at: new Date().toISOString(), ...event });
    found.news.emit("event");
  }

  end(run: string): void {
    this.tell(run, { type: "ended", outcome: "ok", backup: "nas/20261122T020000Z", failure: null });
  }

  channels: NotificationView["channels"] = [];
  deliveries: Delivery[] = [];

  notifications(): NotificationView {
    return { when: "problems", channels: this.channels };
  }

  async testNotifications(): Promise<Delivery[]> {
    this.asked.push({ what: "test", id: "notifications" });
    return this.deliveries;
  }

  async overview(): Promise<Overview> {
    return {
      host: "test",
      version: "0.0.0",
      now: "2026-11-22T12:00:00.000Z",
      modules: overviewModules({
        modules: this.found,
        rows: Map.groupBy(await this.backups(), ({ module }) => module),
        runs: [],
        nextRun: ({ name }) => this.nextRun(name),
        lastDue: () => null,
        now: new Date("2026-11-22T12:00:00Z"),
      }),
      unlisted: [],
      portainer: null,
      vault: { path: "/mnt/backups/docker", volume: null, freeBytes: 1e9, bytes: 1000, backups: 2 },
    };
  }

  async modules(): Promise<Module[]> {
    return this.found;
  }

  nextRun(module: string): Date | null {
    return module === "nas" ? new Date("2026-11-23T02:00:00Z") : null;
  }

  async backups(module?: string): Promise<BackupRow[]> {
    return this.sealed.filter((one) => module === undefined || one.module === module).map(backupRow);
  }

  async backup(id: string): Promise<BackupSummary> {
    const { module, rest } = /^(?<module>[^/@]+)(?<rest>[/@].+)$/u.exec(id)?.groups ?? {};
    const found = this.sealed.find((one) => (rest === "@latest" ? one.module === module : one.id === id));
    if (found === undefined) throw new Failure("missing", `there is no backup ${id}`);
    return found;
  }

  async *files(id: string, prefix: BytePath, signal: AbortSignal): AsyncGenerator<IndexEntry> {
    await this.backup(id);
    for (const [path, { entry }] of this.contents) {
      signal.throwIfAborted();
      if (prefix === "" || path === prefix || path.startsWith(`${prefix}/`)) yield entry;
    }
  }

  async readFile(id: string, path: BytePath): Promise<{ entry: IndexEntry; content: Readable }> {
    await this.backup(id);
    const file = this.contents.get(path);
    if (file === undefined) throw new Failure("missing", `there is no such file in ${id}`);
    return { entry: file.entry, content: Readable.from(pieces(file), { objectMode: false }) };
  }

  async browseFolder(id: string, path: BytePath, page: Page) {
    await this.backup(id);
    return this.#browsed(id).folder(path, page);
  }

  async search(id: string, text: string, page: Page) {
    await this.backup(id);
    return this.#browsed(id).search(text, page);
  }

  /** All backups have the same files. */
  async compare({ id, before, kind }: { id: string; before: string; kind: ChangeKind | null }, page: Page) {
    await Promise.all([this.backup(id), this.backup(before)]);
    this.asked.push({ what: `compare ${kind ?? "all"} with ${before}`, id });
    return this.#browsed(id).compare([...this.contents.values()], page);
  }

  async preview(id: string, path: BytePath): Promise<Preview> {
    const { entry, content } = await this.readFile(id, path);
    return { kind: "text", text: (await buffer(content)).toString("utf8"), cut: false, size: entry.size };
  }

  async downloadFolder(id: string, path: BytePath) {
    await this.backup(id);
    const files = [...this.contents].filter(([name]) => path === "" || name.startsWith(`${path}/`));
    if (files.length === 0) throw new Failure("missing", `there is no such folder in ${id}`);
    return { name: toDisplay(path.split("/").at(-1) ?? ""), tar: tarOfFiles(files.map(([, file]) => file)) };
  }

  async startBackup(module: string): Promise<string> {
    return this.#start("backup", module, null);
  }

  async previewRestore(id: string, options: RestoreOptions) {
    await this.backup(id);
    this.asked.push({ what: "preview", id, options });
    return { target: options.target, entries: 3, bytes: 12, replaced: 1, created: 2, stops: [], keptAside: [] };
  }

  async startRestore(id: string, options: RestoreOptions): Promise<string> {
    const { module } = await this.backup(id);
    return this.#start("restore", module, id, options);
  }

  async previewDumpLoad(id: string, container: string | null): Promise<DumpPreview> {
    await this.backup(id);
    const dump = { kind: "postgres", database: null, path: "davit-dumps/nas-db/postgres.sql", bytes: 12 } as const;
    return { dumps: [{ container: container ?? "nas-db", ...dump }], stops: ["nas-app-1"] };
  }

  async startDumpLoad(id: string, container: string | null): Promise<string> {
    const { module } = await this.backup(id);
    return this.#start("restore", module, `${id} ${container ?? "all"}`);
  }

  async startUndo(module: string): Promise<string> {
    return this.#start("undo", module, null);
  }

  async startRecreate(id: string): Promise<string> {
    return this.#start("recreate", (await this.backup(id)).module, id);
  }

  async previewRecreate(id: string) {
    await this.backup(id);
    const none = { images: [], networks: [], volumes: [], paths: [], containers: [], missing: [], warnings: [] };
    return { backup: id, ...none, bytes: 12, inTheWay: ["the container nas"] };
  }

  async startVerify(id: string): Promise<string> {
    return this.#start("verify", (await this.backup(id)).module, id);
  }

  async startDrill(id: string): Promise<string> {
    return this.#start("drill", (await this.backup(id)).module, id);
  }

  async startCopy(id: string): Promise<string> {
    return this.#start("copy", (await this.backup(id)).module, id);
  }

  async prune(module: string, dryRun: boolean) {
    this.asked.push({ what: dryRun ? "prune --dry-run" : "prune", id: module });
    return (await this.backups(module)).map(({ id }, at) => ({ id, keep: at === 0, reason: "newest" }));
  }

  async acknowledge(id: string, note?: string) {
    this.asked.push({ what: note === undefined ? "ack" : `ack: ${note}`, id });
    const answered = this.sealed.filter((one) => one.id === id || one.module === id);
    return answered.map((one) => ({ id: one.id, anomalies: unansweredAnomalies(one) }));
  }

  async runs({ module, limit }: { module?: string; limit: number }): Promise<RunSummary[]> {
    const runs = [...this.#runs].filter(([, run]) => module === undefined || run.module === module);
    return runs
      .toReversed()
      .slice(0, limit)
      .map(([id, run]) => summarize(id, run.events));
  }

  async runEvents(run: string, after: number): Promise<RunEvent[]> {
    return this.#run(run).events.filter((event) => event.seq > after);
  }

  async *followRun(run: string, after: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const { events, news } = this.#run(run);
    let next = after;
    while (!signal.aborted) {
      const event = events[next];
      if (event !== undefined) {
        next += 1;
        yield event;
      } else if (events.at(-1)?.type === "ended") return;
      else await once(news, "event", { signal }).catch(() => undefined);
    }
  }

  async cancelRun(run: string): Promise<void> {
    if (this.#run(run).events.at(-1)?.type === "ended") return;
    this.tell(run, { type: "ended", outcome: "cancelled", backup: null, failure: null });
  }

  printableConfig(): Record<string, unknown> {
    return { vault: "/mnt/backups/docker", password: "set" };
  }

  async doctor() {
    return [{ name: "vault", status: "ok" as const, message: "the vault can be written" }];
  }

  async ready() {
    return { ready: this.reasons.length === 0, reasons: this.reasons };
  }

  #browsed(id: string) {
    return browseFiles(id, [...this.contents.values()]);
  }

  #run(id: string) {
    const run = this.#runs.get(id);
    if (run === undefined) throw new Failure("missing", `there is no run ${id}`);
    return run;
  }

  #start(
    kind: "backup" | "restore" | "undo" | "recreate" | "verify" | "drill" | "copy",
    module: string,
    id: string | null,
    options?: RestoreOptions,
  ): string {
    if (!this.found.some(({ name }) => name === module)) throw new Failure("missing", `there is no module ${module}`);
    const holder = [...this.#runs].find(([, run]) => run.module === module && run.events.at(-1)?.type !== "ended");
    if (holder !== undefined) throw new Failure("busy", `run ${holder[0]} has the lock of ${module}`);
    this.asked.push({ what: kind, id: id ?? module, ...(options === undefined ? {} : { options }) });
    const run = `20261122T02000${this.#runs.size}Z-${kind}-${module}-ab12`;
    this.#runs.set(run, { module, events: [], news: new EventEmitter() });
    this.tell(run, { type: "started", run, kind, module, backup: id, trigger: "api" });
    return run;
  }
}

async function* pieces({ content, broken }: FakeFile): AsyncGenerator<Buffer> {
  const half = Math.floor(content.length / 2);
  yield content.subarray(0, half);
  yield content.subarray(half);
  if (broken === true) throw new Failure("damaged", "the content does not match its checksum");
}

function summarize(run: string, events: RunEvent[]): RunSummary {
  const [first] = events;
  const last = events.at(-1);
  if (first?.type !== "started") throw new Error("a run begins with its start");
  const end = last?.type === "ended" ? last : null;
  const { kind, module, trigger, at } = first;
  return {
    run,
    kind,
    module,
    trigger,
    started: at,
    ended: end?.at ?? null,
    outcome: end?.outcome ?? null,
    backup: end?.backup ?? null,
    stage: null,
    progress: null,
    failure: end?.failure ?? null,
    warnings: 0,
  };
}

/** The bytes of a name that is not UTF-8, as clients send them. */
export function base64(path: BytePath): string {
  return toBytes(path).toString("base64");
}
