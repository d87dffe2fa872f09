import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { readSqlite } from "../../src/dump/read-sqlite.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const { signal } = new AbortController();

async function textOf(file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readSqlite(file, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function database(sql: string): Promise<{ file: string; open: DatabaseSync }> {
  const file = join(await scratchFolder(), "it's a.db");
  const open = new DatabaseSync(file);
  open.exec(sql);
  return { file, open };
}

const made = `
pragma journal_mode = wal; pragma user_version = 42; pragma application_id = 1234;
create table "odd ""na'me" ("a ""'b" integer primary key autoincrement, c text default ';', d blob, e real, f,
  g as (c || 'x'), h as (f) stored, check (f is not 'no'));
insert into "odd ""na'me" ("a ""'b", c, d, e, f) values
  (7, 'it''s' || char(10) || ';--', x'00ff27', 0.1, null), (9, cast(x'610062' as text), x'', 9e999, -9223372036854775808),
  (10, cast(x'ff80' as text), zeroblob(70000), 1e300, 9007199254740993), (11, '🐟', x'41', -0.0, 'yes');
delete from "odd ""na'me" where f = 'yes';
create table plain (x text, y integer, primary key (y, x)) without rowid, strict;
insert into plain values ('a', 1), ('b', 2);
create table refers (x integer references "odd ""na'me");
insert into refers values (7);
create index i on plain (y desc) where y > 1;
create view v as select "a ""'b" as n from "odd ""na'me";
create trigger t after insert on plain begin insert into refers values (new.y); select ';'; end;`;

it("is made again to the bit by what is written", async () => {
  const { file, open } = await database(made);
  const again = new DatabaseSync(":memory:");
  const text = await textOf(file);
  // Bytes that are no UTF-8 would not get through a string.
  expect(text.includes(Buffer.from([0xff, 0x80]))).toBe(true);
  again.exec(text.toString().replace(/'\uFFFD+'/u, "cast(x'ff80' as text)"));
  for (const query of [
    "select type, name, tbl_name, sql from sqlite_schema where name not like 'sqlite_autoindex%' order by type, name",
    `select *, typeof(c) as ct, hex(c) as ch, hex(d) as dh, typeof(e) as et, typeof(f) as ft from "odd ""na'me"`,
    "select * from plain",
    "select * from refers",
    "select * from v",
    "select * from sqlite_sequence",
    "pragma user_version",
    "pragma application_id",
  ]) {
    const all = (one: DatabaseSync) => {
      const statement = one.prepare(query);
      statement.setReadBigInts(true);
      return statement.all();
    };
    expect(all(again)).toEqual(all(open));
  }
  open.close();
});

it("is of one moment, however long it takes and whatever is written meanwhile", async () => {
  const { file, open } = await database("pragma journal_mode = wal; create table a (x, filler); create table b (x)");
  for (let row = 0; row < 3000; row++) open.prepare("insert into a values (?, zeroblob(300))").run(row);
  open.exec("insert into b values (0)");
  let text = "";
  for await (const piece of readSqlite(file, signal)) {
    open.exec("update b set x = x + 1; delete from a where x > 2990");
    text += piece.toString();
  }
  // As what each of them is, so that a failure does not print megabytes.
  expect([text.includes("(2999.0, "), text.includes('INSERT INTO "b" ("x") VALUES (0);')]).toEqual([true, true]);
  open.close();
});

it.each([
  ["a virtual table", "create virtual table t using fts5(x)", "has a virtual table, t"],
  ["text in UTF-16", "pragma encoding = 'UTF-16'; create table t (x)", "UTF-16"],
])("refuses %s", async (_, sql, why) => {
  const { file } = await database(sql);
  await expect(textOf(file)).rejects.toThrow(why);
});

it("refuses what is no database, is not there, or is damaged", async () => {
  const folder = await scratchFolder();
  await writeFile(join(folder, "text"), "plain text, and no database at all\n".repeat(100));
  await expect(textOf(join(folder, "text"))).rejects.toMatchObject({
    kind: "failed",
    message: expect.stringContaining("not a database"),
  });
  await expect(textOf(join(folder, "none"))).rejects.toThrow("can't be read");
  const { file } = await database(
    "create table t (x); insert into t select hex(randomblob(900)) from (with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) select i from n)",
  );
  await runTool("dd", "if=/dev/urandom", `of=${file}`, "bs=4096", "seek=20", "count=5", "conv=notrunc", "status=none");
  await expect(textOf(file)).rejects.toThrow("malformed");
});
