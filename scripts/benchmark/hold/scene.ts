import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createDice, createText } from "../content.ts";
import { makeSmallTree } from "../make-trees.ts";
import type { HoldOptions } from "./hold-options.ts";
import { runProgram } from "../run-program.ts";

const image = "davit-bench-services";

/** What the service is made of: a database and a folder of files, each in a container, as one module. */
export interface Scene {
  module: string;
  /** The containers that are held, in the order in which they are let go. */
  containers: readonly string[];
  /** Where the database's clients are; it is not held. */
  client: string;
  /** The container with the files, which are in its `/data`. */
  filesIn: string;
  files: number;
  /** Rows of the database's table. */
  rows: number;
  /** Holds the sources and nothing else. */
  volumes: string;
  /** For what the measurements leave behind. */
  results: string;
  signal: AbortSignal;
}

/** SQL as the database's owner. */
function psql(container: string): string[] {
  return ["docker", "exec", "-i", container, "psql", "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"];
}

const rowBytes = 1000;

/** Sets all up, lets `work` go on with it, and removes the containers, in whatever way that ended. */
export async function withScene<T>(
  { dir, database, files }: HoldOptions,
  signal: AbortSignal,
  work: (scene: Scene) => Promise<T>,
): Promise<T> {
  const module = `davit-bench-${process.pid}`;
  const scene: Scene = {
    module,
    containers: [`${module}-database`, `${module}-files`],
    client: `${module}-client`,
    filesIn: `${module}-files`,
    files,
    rows: Math.ceil((database * 1024 ** 2) / (rowBytes + 100)),
    volumes: join(dir, "volumes"),
    results: join(dir, "results"),
    signal,
  };
  rmSync(dir, { recursive: true, force: true });
  for (const folder of [scene.volumes, scene.results, join(dir, "socket")]) mkdirSync(folder, { recursive: true });
  try {
    tell(`making a database of ${database} MiB and ${files} files`);
    makeSmallTree(join(scene.volumes, "files"), files, 0.5);
    await startContainers(scene, join(dir, "socket"));
    await fillDatabase(scene);
    return await work(scene);
  } finally {
    await runProgram(["docker", "rm", "-fv", ...scene.containers, scene.client]).catch(() => undefined);
  }
}

/** A line about what goes on. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Fulfilled once the database answers. */
export async function untilDatabaseAnswers({ client, signal }: Scene): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const answers = runProgram([...psql(client), "-c", "select 1"]);
    if (
      await answers.then(
        () => true,
        () => false,
      )
    )
      return;
  }
}

async function startContainers(scene: Scene, socket: string): Promise<void> {
  const { module, containers, client, filesIn, volumes } = scene;
  const start = async (name: string, ...words: readonly string[]): Promise<void> => {
    await runProgram(["docker", "run", "-d", "--network", "none", "--name", name, ...words], { signal: scene.signal });
  };
  // A hold that is as long as the whole backup takes is measured as well, so it must not be cut off.
  const labels = ["enable=true", `module=${module}`, "hold.timeout=2h", "exclude=none"];
  const held = labels.flatMap((label) => ["--label", `davit.${label}`]);
  const binds = ["-v", `${volumes}/database:/var/lib/postgresql/data`, "-v", `${socket}:/var/run/postgresql`];
  const settings = ["-c", "max_wal_size=512MB"];
  // SIGINT is how the official image stops PostgreSQL: without waiting for its clients.
  const database = ["--stop-signal", "SIGINT", ...binds, image, "postgres", ...settings];
  await start(containers[0] ?? "", ...held, ...database);
  await start(filesIn, ...held, "--init", "-v", `${volumes}/files:/data`, image, "sleep", "infinity");
  await start(client, "--init", "-v", `${socket}:/var/run/postgresql`, image, "sleep", "infinity");
  await untilDatabaseAnswers(scene);
}

async function fillDatabase({ client, rows, signal }: Scene): Promise<void> {
  const sql = async (text: string): Promise<unknown> => runProgram([...psql(client), "-c", text], { signal });
  await sql(`create table accounts (id int, balance int, filling text);
    create table history (id int, change int, at timestamptz default now())`);
  const copy = [...psql(client), "-c", "copy accounts from stdin"];
  await runProgram(copy, { input: Readable.from(rowsOf(rows)), signal });
  await sql("alter table accounts add primary key (id)");
  await sql("vacuum (freeze, analyze) accounts");
  await sql("checkpoint");
}

/** Rows for `copy`, with text like that of documents and logs. */
function* rowsOf(rows: number): Generator<string> {
  const text = createText(createDice(7));
  let pool = "";
  let batch = "";
  for (let id = 1; id <= rows; id += 1) {
    if (pool.length < rowBytes)
      pool = text(1024 ** 2)
        .toString("latin1")
        .replaceAll(/[\n\t\\]/gu, " ");
    batch += `${id}\t0\t${pool.slice(0, rowBytes)}\n`;
    pool = pool.slice(rowBytes);
    if (batch.length < 1024 ** 2 && id < rows) continue;
    yield batch;
    batch = "";
  }
}
