import { DatabaseSync } from "node:sqlite";
import { asFailure, Failure } from "../failure/failure.ts";

const chunkLength = 256 * 1024;
const busyMs = 60_000;

/**
 * A SQLite database as the statements that make it again, all of one moment: what is read stands in one read transaction.
 * Values come back to the bit; `user_version` and `application_id` do as well. Throws a Failure for what can't be written as
 * statements: virtual tables, and text in UTF-16.
 */
export async function* readSqlite(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: busyMs });
    yield* inChunks(statements(database), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    throw new Failure("failed", `the SQLite database ${file} can't be read: ${asFailure(error).message}`, {
      hint: "see whether it is one, is open to Davit, and is sound: `sqlite3 FILE 'pragma integrity_check'`",
      cause: error,
    });
  } finally {
    database?.close();
  }
}

async function* inChunks(pieces: Iterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < chunkLength) continue;
    signal.throwIfAborted();
    yield Buffer.concat(waiting);
    waiting = [];
    length = 0;
  }
  yield Buffer.concat(waiting);
}

function* statements(database: DatabaseSync): Generator<Uint8Array> {
  // What the file itself asks to be run is not trusted.
  database.exec("pragma trusted_schema = off; pragma cell_size_check = on; begin");
  const number = (pragma: string): string => text(database, `select cast(${pragma} as text) from pragma_${pragma}`);
  if (text(database, "select encoding from pragma_encoding") !== "UTF-8")
    throw new Failure("failed", "the SQLite database keeps its text in UTF-16, which Davit does not read itself", {
      hint: "use an image that has sqlite3",
    });
  yield line(`PRAGMA user_version = ${number("user_version")};`);
  yield line(`PRAGMA application_id = ${number("application_id")};`);
  yield line("PRAGMA foreign_keys = OFF;");
  yield line("BEGIN TRANSACTION;");
  const tables = database.prepare(
    "select name, cast(sql || ';\n' as blob) as made, sql like 'create virtual table%' as virtual from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by rowid",
  );
  for (const { name, made, virtual } of tables.iterate()) {
    if (virtual !== 0)
      throw new Failure(
        "failed",
        `the SQLite database has a virtual table, ${String(name)}, which Davit does not read itself`,
        {
          hint: "use an image that has sqlite3",
        },
      );
    yield bytesOf(made);
    yield* rows(database, String(name));
  }
  const counted = database.prepare("select 1 from sqlite_schema where name = 'sqlite_sequence'").get();
  if (counted !== undefined) {
    yield line("DELETE FROM sqlite_sequence;");
    yield* rows(database, "sqlite_sequence");
  }
  const others =
    "select cast(sql || ';\n' as blob) as made from sqlite_schema where type <> 'table' and sql is not null order by rowid";
  for (const { made } of database.prepare(others).iterate()) yield bytesOf(made);
  yield line("COMMIT;");
}

function* rows(database: DatabaseSync, table: string): Generator<Uint8Array> {
  const info = database.prepare("select name from pragma_table_xinfo(?) where hidden = 0 order by cid");
  const columns = info.all(table).map(({ name }) => quoted(String(name)));
  // A text with a NUL is cut there by quote(); as a whole it comes as its bytes.
  const values = columns.map(
    (one) =>
      `case when typeof(${one}) = 'text' and instr(cast(${one} as blob), x'00') > 0 then 'CAST(' || quote(cast(${one} as blob)) || ' AS TEXT)' else quote(${one}) end`,
  );
  const head = `INSERT INTO ${quoted(table)} (${columns.join(", ")}) VALUES (`.replaceAll("'", "''");
  const row = `cast('${head}' || ${values.join(" || ', ' || ")} || ');\n' as blob)`;
  for (const { made } of database.prepare(`select ${row} as made from main.${quoted(table)}`).iterate())
    yield bytesOf(made);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function line(statement: string): Buffer {
  return Buffer.from(`${statement}\n`);
}

function text(database: DatabaseSync, query: string): string {
  return String(Object.values(database.prepare(query).get() ?? {})[0]);
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new Failure("failed", "the SQLite database gave no bytes where a statement was expected");
}
