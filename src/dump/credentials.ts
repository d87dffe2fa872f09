import type { DumpTarget, ReadSetting } from "./read-credentials.ts";
import { settingsOf } from "./read-credentials.ts";

/** Who Davit is to a database. */
export interface Credentials {
  /** Null where the database has no users, or its client's own default is meant. */
  user: string | null;
  /** Null where none is known: the container's own clients may need none. */
  password: string | null;
}

/** Whose administrator each of the databases has, as its official image is told. */
export async function postgresCredentials(target: DumpTarget): Promise<Credentials> {
  const read = settingsOf(target);
  return { user: (await read("POSTGRES_USER")) ?? "postgres", password: await read("POSTGRES_PASSWORD") };
}

/** Root where its password is known, or may be empty; else the user that the image made. */
export async function mysqlCredentials(target: DumpTarget): Promise<Credentials> {
  const read = settingsOf(target);
  const root = await read("MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD");
  if (root !== null) return { user: "root", password: root };
  const user = await read("MARIADB_USER", "MYSQL_USER");
  const isOpen = await isSet(read, "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD");
  if (user === null || isOpen) return { user: "root", password: null };
  return { user, password: await read("MARIADB_PASSWORD", "MYSQL_PASSWORD") };
}

export async function mongodbCredentials(target: DumpTarget): Promise<Credentials> {
  const read = settingsOf(target);
  return { user: await read("MONGO_INITDB_ROOT_USERNAME"), password: await read("MONGO_INITDB_ROOT_PASSWORD") };
}

/** Redis has no official variable for it: often the password is an argument of the server. */
export async function redisCredentials(target: DumpTarget): Promise<Credentials> {
  const { Cmd, Entrypoint } = target.document.Config;
  const words = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  const at = words.indexOf("--requirepass");
  const argument = at === -1 ? null : (words[at + 1] ?? null);
  const password = (await settingsOf(target)("REDIS_PASSWORD", "VALKEY_PASSWORD", "REDISCLI_AUTH")) ?? argument;
  return { user: null, password };
}

async function isSet(read: ReadSetting, ...names: readonly string[]): Promise<boolean> {
  return (await read(...names)) !== null;
}
