import type { DumpKind, DumpSetting } from "../contract/settings.ts";
import {
  type Credentials,
  mongodbCredentials,
  mysqlCredentials,
  postgresCredentials,
  redisCredentials,
} from "./credentials.ts";
import type { DumpTarget } from "./read-credentials.ts";

/** How a kind of database is dumped, and how one talks to it. */
export interface DumpRecipe {
  /** The dump's name in the archive, below its container's. */
  file(setting: DumpSetting): string;
  /** Programs that can do it: the first that the container has is taken. */
  programs: readonly [string, ...string[]];
  credentials(target: DumpTarget): Promise<Credentials>;
  words(who: Credentials, setting: DumpSetting): string[];
  env(who: Credentials): string[];
  /** Written to the program's standard input. */
  input?(who: Credentials): string | null;
  /** What a whole dump ends with; a program may fail and still exit with 0. */
  ending?: string;
  /** What the program says on its error output where it adds a mark of 40 bytes to the end of what it prints. */
  marksEnd?: string;
}

/** What `.dump` leaves out, though programs tell by it how old their tables are. */
const sqliteNumbers = `select 'PRAGMA user_version = ' || user_version || ';' from pragma_user_version;
select 'PRAGMA application_id = ' || application_id || ';' from pragma_application_id`;

const nobody = async (): Promise<Credentials> => ({ user: null, password: null });
const passwordAs =
  (name: string) =>
  ({ password }: Credentials): string[] =>
    password === null ? [] : [`${name}=${password}`];

const mysqlWords = ({ user }: Credentials): string[] => [
  `--user=${user}`,
  "--all-databases",
  "--single-transaction",
  "--routines",
  "--events",
  "--triggers",
  "--hex-blob",
  "--flush-privileges",
];
const mysql = {
  file: () => "mysql.sql",
  credentials: mysqlCredentials,
  words: mysqlWords,
  env: passwordAs("MYSQL_PWD"),
} as const;

export const dumpRecipes: Readonly<Record<DumpKind, DumpRecipe>> = {
  postgres: {
    file: () => "postgres.sql",
    programs: ["pg_dumpall"],
    credentials: postgresCredentials,
    words: ({ user }) => [`--username=${user}`, "--no-password", "--clean", "--if-exists"],
    env: passwordAs("PGPASSWORD"),
    ending: "-- PostgreSQL database cluster dump complete",
  },
  mysql: { ...mysql, programs: ["mysqldump", "mariadb-dump"] },
  mariadb: { ...mysql, file: () => "mariadb.sql", programs: ["mariadb-dump", "mysqldump"] },
  mongodb: {
    file: () => "mongodb.archive",
    programs: ["mongodump"],
    credentials: mongodbCredentials,
    words: ({ user, password }) => [
      "--archive",
      "--quiet",
      ...(user === null ? [] : [`--username=${user}`, "--authenticationDatabase=admin"]),
      ...(password === null ? [] : ["--config=/dev/stdin"]),
    ],
    env: () => [],
    input: mongodbConfig,
  },
  redis: {
    file: () => "redis.rdb",
    programs: ["redis-cli", "valkey-cli"],
    credentials: redisCredentials,
    words: () => ["--rdb", "-"],
    env: passwordAs("REDISCLI_AUTH"),
    marksEnd: "until EOF marker",
  },
  sqlite: {
    file: ({ path }) => `sqlite${plain(path ?? "")}.sql`,
    programs: ["sqlite3"],
    credentials: nobody,
    words: (_, { path }) => ["-readonly", "-cmd", ".timeout 60000", "-cmd", sqliteNumbers, path ?? "", ".dump"],
    env: () => [],
    ending: "COMMIT;",
  },
};

/** A path of names that an archive's dump may have. */
function plain(path: string): string {
  return path
    .replace(/[^\w./-]/gu, "_")
    .replace(/\/(?=\.)/gu, "/_")
    .replace(/\/{2,}/gu, "/");
}

/** The file with secrets that MongoDB's tools read: YAML, of which JSON is a part. */
export function mongodbConfig({ password }: Credentials): string | null {
  return password === null ? null : `password: ${JSON.stringify(password)}\n`;
}
