import type { DumpKind, DumpSetting } from "../contract/settings.ts";
import { mongodbCredentials, mysqlCredentials, postgresCredentials, redisCredentials } from "./credentials.ts";
import { mongodbConfig } from "./dump-recipes.ts";
import { findProgram } from "./find-program.ts";
import { databasesIn, withDrops } from "./mysql-drops.ts";
import { intoRunningServer } from "./postgres-head.ts";
import type { DumpTarget } from "./read-credentials.ts";
import { runCommand } from "./run-command.ts";
import { mongodbScript, redisScript, sqliteScript } from "./load-scripts.ts";

export interface DumpLoad {
  setting: DumpSetting;
  /** For people: `loading the postgres dump into db`. */
  what: string;
  /** The dump, from its beginning, as often as it is asked for. */
  read(): AsyncIterable<Buffer>;
}

/**
 * Loads a dump into the running database of a container: what the dump holds takes the place of what is there now, which can't
 * be undone. A Failure, with the last words of the database's own program, where that does not accept all of it.
 */
export async function loadDump(target: DumpTarget, load: DumpLoad): Promise<void> {
  await loaders[load.setting.kind](target, load);
}

type Loader = (target: DumpTarget, load: DumpLoad) => Promise<void>;

const mysql =
  (...programs: [string, string]): Loader =>
  async (target, { what, read }) => {
    const client = await findProgram(target, programs);
    const { user, password } = await mysqlCredentials(target);
    const drops = await databasesIn(read());
    await runCommand(target, {
      what,
      // Binary mode also keeps the client from acting upon commands of its own that stand in the data.
      command: [client, `--user=${user}`, "--binary-mode"],
      env: password === null ? [] : [`MYSQL_PWD=${password}`],
      input: withDrops(drops, read()),
      secrets: [password],
    });
  };

const loaders: Readonly<Record<DumpKind, Loader>> = {
  async postgres(target, { what, read }) {
    const client = await findProgram(target, ["psql"]);
    const { user, password } = await postgresCredentials(target);
    const common = {
      what,
      env: password === null ? [] : [`PGPASSWORD=${password}`],
      secrets: [password],
    };
    const words = [client, `--username=${user}`, "--no-password", "--no-psqlrc", "--quiet", "--dbname=postgres"];
    const others = "pid <> pg_backend_pid() and backend_type = 'client backend'";
    const terminate = `select pg_terminate_backend(pid) from pg_stat_activity where ${others}`;
    await runCommand(target, { ...common, command: [...words, `--command=${terminate}`] });
    await runCommand(target, {
      ...common,
      command: [...words, "--set=ON_ERROR_STOP=1"],
      input: intoRunningServer(read()),
    });
  },
  mysql: mysql("mysql", "mariadb"),
  mariadb: mysql("mariadb", "mysql"),
  async mongodb(target, { what, read }) {
    const program = await findProgram(target, ["mongorestore"]);
    const who = await mongodbCredentials(target);
    const login = who.user === null ? [] : [`--username=${who.user}`, "--authenticationDatabase=admin"];
    const words = [program, "--archive", "--drop", "--quiet", ...login];
    const config = mongodbConfig(who);
    await runCommand(target, {
      what,
      command: config === null ? words : ["sh", "-c", mongodbScript, "sh", ...words],
      env: config === null ? [] : [`DAVIT_MONGODB_CONFIG=${config}`],
      input: read(),
      secrets: [who.password],
    });
  },
  async redis(target, { what, read }) {
    const client = await findProgram(target, ["redis-cli", "valkey-cli"]);
    const server = await findProgram(target, ["redis-server", "valkey-server"]);
    const { password } = await redisCredentials(target);
    await runCommand(target, {
      what,
      command: ["sh", "-c", redisScript, "sh", client, server],
      env: password === null ? [] : [`REDISCLI_AUTH=${password}`],
      input: read(),
      secrets: [password],
    });
  },
  async sqlite(target, { setting, what, read }) {
    const client = await findProgram(target, ["sqlite3"]);
    await runCommand(target, {
      what,
      command: ["sh", "-c", sqliteScript, "sh", client, setting.path ?? ""],
      input: read(),
      secrets: [],
    });
  },
};
