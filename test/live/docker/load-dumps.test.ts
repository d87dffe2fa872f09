import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { dumpRecord } from "../../../src/contract/manifest.ts";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { busyboxImage, ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { inside, type ServiceKind, untilReady } from "../../fixtures/live/service.ts";
import { servicesImage } from "../../fixtures/live/services-image.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();
const password = `p w"1'$x\\`;

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

const folders = { postgres: "/var/lib/postgresql/data", mariadb: "/var/lib/mysql", redis: "/data" } as const;

interface Database {
  davit: DavitProgram;
  module: string;
  db: { id: string; name: string };
  /** Another container of the module, which may write into the database. */
  app: { id: string; name: string };
  /** Runs the database's own client in its container. */
  client(...words: string[]): Promise<string>;
}

interface Wish {
  dump: string;
  folder: string;
  command: string[];
  env?: string[];
  client?: string[];
  image?: string;
}

async function databaseOf({
  dump,
  folder,
  command,
  env = [],
  client = [],
  image = servicesImage,
}: Wish): Promise<Database> {
  const davit = await DavitProgram.in(await scratchFolder());
  const module = uniqueName("db");
  const labels = { "davit.enable": "true", "davit.module": module };
  const binds = [`${join(davit.root, module)}:${folder}`];
  const db = await containers.make({ image, command, env, binds, labels: { ...labels, "davit.dump": dump } });
  const app = await containers.make({ labels });
  return { davit, module, db, app, client: (...words) => inside(db.id, ...client, ...words) };
}

async function service(kind: ServiceKind & keyof typeof folders, more: Partial<Wish>): Promise<Database> {
  const made = await databaseOf({ dump: kind, folder: folders[kind], command: [kind], ...more });
  await untilReady(kind, made.db.id);
  return made;
}

async function load({ davit, module }: Database): Promise<void> {
  const { code, stderr } = await davit.run("restore", `${module}@latest`, "--dump");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

const withDumps = z.looseObject({ dumps: z.array(dumpRecord) });

async function manifestOf({ davit, module }: Database) {
  const [newest] = z.array(z.looseObject({ id: z.string() })).parse(await davit.json("list", module));
  const text = await readFile(join(davit.vault, newest?.id ?? "", "manifest.json"), "utf8");
  return withDumps.parse(JSON.parse(text));
}

describe("PostgreSQL", () => {
  async function postgres(): Promise<Database> {
    const env = [`POSTGRES_PASSWORD=${password}`, "POSTGRES_USER=boss", "POSTGRES_DB=app"];
    const made = await service("postgres", { env, client: ["psql", "-U", "boss", "-qtA"] });
    await made.client(
      "app",
      "-c",
      "create role reader login password 'x'; create table t as select generate_series(1, 1000) x; grant select on t to reader",
    );
    await made.client("postgres", "-c", "create table own (x int); insert into own values (7)");
    await made.davit.json("backup", made.module);
    return made;
  }

  it("takes its dump back, beside what is connected to it", async () => {
    const made = await postgres();
    const { davit, module, db, app, client } = made;
    const { dumps } = await manifestOf(made);
    const path = `davit-dumps/${db.name}/postgres.sql`;
    expect(dumps).toMatchObject([{ container: db.name, kind: "postgres", database: null, path }]);
    await client(
      "app",
      "-c",
      "delete from t; create table newer (x int); alter role reader nologin; create role later",
    );
    await client("postgres", "-c", "drop table own");
    // One that stays connected to the database that is to be replaced.
    await runTool("docker", "exec", "-d", db.id, "psql", "-U", "boss", "app", "-c", "select pg_sleep(600)");
    const preview = await davit.run("restore", `${module}@latest`, "--dump", "--dry-run");
    expect(preview.stdout).toContain(`into ${db.name}, and replace what that holds; no undo`);
    expect(preview.stdout).toContain(`stops meanwhile: ${app.name}`);
    expect(await client("app", "-c", "select count(*) from t")).toBe("0");
    await load(made);
    expect(await client("app", "-c", "select count(*), sum(x) from t")).toBe("1000|500500");
    expect(await client("app", "-c", "select to_regclass('newer') is null")).toBe("t");
    expect(await client("postgres", "-c", "select * from own")).toBe("7");
    expect(await client("app", "-c", "select rolcanlogin from pg_roles where rolname = 'reader'")).toBe("t");
    expect(await client("app", "-c", "select has_table_privilege('reader', 't', 'select')")).toBe("t");
    expect([await stateOf(db.id), await stateOf(app.id)]).toEqual(["running", "running"]);
    // Again, over what is there now.
    await load(made);
    expect(await client("app", "-c", "select count(*) from t")).toBe("1000");
  });

  it("says what it did not take", async () => {
    const made = await postgres();
    await made.client("postgres", "-c", "alter role boss nosuperuser");
    const { code, stderr } = await made.davit.run("restore", `${made.module}@latest`, "--dump");
    expect(code).toBe(1);
    expect(stderr).toContain(`loading the postgres dump into ${made.db.name} ended with exit code`);
    expect(stderr).toContain("ERROR:");
    expect(await stateOf(made.app.id)).toBe("running");
  });

  it("is left alone where the dump is damaged", async () => {
    const made = await postgres();
    const { davit, module, client } = made;
    await client("app", "-c", "delete from t where x > 10");
    const [newest] = z.array(z.looseObject({ id: z.string() })).parse(await davit.json("list", module));
    const archive = join(davit.vault, newest?.id ?? "", `${module}.tar.gz`);
    const index = (await davit.run("files", `${module}@latest`, "davit-dumps", "--json")).stdout;
    const { member } = z.looseObject({ member: z.int() }).parse(JSON.parse(index));
    const bytes = await readFile(archive);
    bytes.fill(0x55, member + 200, member + 260);
    await writeFile(archive, bytes);
    const { code } = await davit.run("restore", `${module}@latest`, "--dump");
    expect(code).toBe(8);
    expect(await client("app", "-c", "select count(*) from t")).toBe("10");
  });

  it("has a backup whose data and dumps are restored each for itself", async () => {
    const made = await postgres();
    const { davit, module, client } = made;
    expect(await davit.run("restore", `${module}@latest`, "--in-place")).toMatchObject({ code: 0 });
    await untilReady("postgres", made.db.id);
    expect(await client("app", "-c", "select count(*) from t")).toBe("1000");
    const folder = await scratchFolder();
    expect(await davit.run("restore", `${module}@latest`, "davit-dumps", "--to", folder)).toMatchObject({ code: 0 });
    const text = await readFile(join(folder, `davit-dumps/${made.db.name}/postgres.sql`), "utf8");
    expect(text).toContain("CREATE ROLE reader;");
  });
});

it("MariaDB takes its dump back, binary data, routines and users included", async () => {
  const made = await service("mariadb", {
    env: [`MARIADB_ROOT_PASSWORD=${password}`],
    client: ["env", `MYSQL_PWD=${password}`, "mariadb", "-u", "root", "-N", "-e"],
  });
  const { client } = made;
  await client(
    `create database app; use app; create table t (x int primary key, b blob, s text);
     insert into t values (1, x'00ff0d0a27', 'line\\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ \`other\`');
     create procedure p() select 42; create user reader identified by 'x'; grant select on app.* to reader`,
  );
  await client("create database other; create table other.kept (x int)");
  await made.davit.json("backup", made.module);
  await client("delete from app.t; create table app.newer (x int); drop user reader; drop procedure app.p");
  await load(made);
  expect(await client("select x, hex(b), length(s) from app.t")).toBe("1\t00FF0D0A27\t53");
  expect(await client("show tables in app")).toBe("t");
  expect(await client("show tables in other")).toBe("kept");
  expect(await client("call app.p()")).toBe("42");
  expect(await client("show grants for reader")).toContain("GRANT SELECT ON `app`.*");
});

describe("Redis", () => {
  const client = ["env", "REDISCLI_AUTH=se kret", "redis-cli"];

  it("takes its dump back while it runs, and keeps it over a restart", async () => {
    const made = await service("redis", { command: ["redis", "--requirepass", "se kret"], client });
    await inside(
      made.db.id,
      "sh",
      "-c",
      "seq 1 20000 | sed 's/.*/set key-& value-&/' | REDISCLI_AUTH='se kret' redis-cli --pipe",
    );
    await made.davit.json("backup", made.module);
    await made.client("flushall");
    await made.client("set", "newer", "1");
    await load(made);
    expect(await made.client("dbsize")).toBe("20000");
    expect(await made.client("get", "key-777")).toBe("value-777");
    expect(await made.client("info", "replication")).toContain("role:master");
    expect(await made.client("set", "again", "1")).toBe("OK");
    await expect.poll(() => made.client("info", "persistence")).toContain("aof_rewrite_in_progress:0");
    await engine.getContainer(made.db.id).restart();
    await untilReady("redis", made.db.id);
    expect(await made.client("dbsize")).toBe("20001");
    expect(await inside(made.db.id, "sh", "-c", "pgrep -c redis-server; ls -d /tmp/tmp.* 2>/dev/null | wc -l")).toBe(
      "1\n0",
    );
  });

  it("that is a replica itself is refused, and stays one", async () => {
    const made = await service("redis", { client: ["redis-cli"] });
    await made.davit.json("backup", made.module);
    await made.client("replicaof", "192.0.2.1", "6379");
    const { code, stderr } = await made.davit.run("restore", `${made.module}@latest`, "--dump");
    expect(code).toBe(1);
    expect(stderr).toContain("it is a replica of another server");
    expect(await made.client("info", "replication")).toContain("master_host:192.0.2.1");
  });
});

it("SQLite takes its dump back, beside a program that has the database open", async () => {
  const sleeping = { dump: "sqlite:/data/my app.db", folder: "/data", command: ["sleep", "10000"] };
  const made = await databaseOf({ ...sleeping, client: ["sqlite3", "/data/my app.db"] });
  await made.client(
    `pragma page_size = 8192; pragma user_version = 42; pragma journal_mode = wal; create table t (x integer primary key, b blob);
     insert into t select value, randomblob(100) from generate_series(1, 1000); create view v as select count(*) n from t;
     create trigger g after delete on t begin select 1; end`,
  );
  const before = await made.client("select sum(x), hex(max(b)) from t");
  await made.davit.json("backup", made.module);
  expect((await manifestOf(made)).dumps).toMatchObject([
    { kind: "sqlite", database: "/data/my app.db", path: `davit-dumps/${made.db.name}/sqlite/data/my_app.db.sql` },
  ]);
  await made.client("delete from t; create table newer (x); pragma user_version = 43");
  const open = [
    "python3",
    "-c",
    "import sqlite3, time; c = sqlite3.connect('/data/my app.db'); print(list(c.execute('select * from v'))); open('/tmp/open', 'w'); time.sleep(600)",
  ];
  await runTool("docker", "exec", "-d", made.db.id, ...open);
  await expect.poll(() => inside(made.db.id, "ls", "/tmp")).toContain("open");
  await load(made);
  expect(await made.client("select sum(x), hex(max(b)) from t")).toBe(before);
  expect(await made.client("select name from sqlite_schema order by name")).toBe("g\nt\nv");
  expect(await made.client("pragma integrity_check; pragma journal_mode; pragma user_version")).toBe("ok\nwal\n42");
  expect(await inside(made.db.id, "ls", "/data")).not.toContain("davit-load");
});

it("MongoDB gets its dump and its password on two ways, neither a command line", async () => {
  const env = ["MONGO_INITDB_ROOT_USERNAME=root", 'MONGO_INITDB_ROOT_PASSWORD=hunter "2"'];
  const made = await databaseOf({
    dump: "mongodb",
    folder: "/data",
    command: ["sh", "-c", "sleep 10000"],
    env,
    image: servicesImage,
  });
  // No package has the real ones: these do what their documentation says of these options, and refuse all others.
  const program = (verb: string, work: string): string => `#!/bin/sh
for word in "$@"; do case $word in
  --archive|--quiet|${verb === "mongorestore" ? "--drop|" : ""}--username=root|--authenticationDatabase=admin) ;;
  --config=*) config=$(cat "\${word#--config=}") ;;
  --version) exit 0 ;;
  *) echo "unknown option $word" >&2; exit 1 ;;
esac; done
[ "$config" = 'password: "hunter \\"2\\""' ] || { echo "auth error" >&2; exit 1; }
${work}`;
  const install = (name: string, text: string) =>
    inside(made.db.id, "sh", "-c", `printf %s "$1" >/bin/${name}; chmod 755 /bin/${name}`, "sh", text);
  await install("mongodump", program("mongodump", "seq 1 100000"));
  await install("mongorestore", program("mongorestore", "env | grep -c DAVIT >/data/leak; sha256sum >/data/loaded"));
  await made.davit.json("backup", made.module);
  await load(made);
  expect(await inside(made.db.id, "cat", "/data/loaded")).toBe(
    await inside(made.db.id, "sh", "-c", "seq 1 100000 | sha256sum"),
  );
  expect(await inside(made.db.id, "cat", "/data/leak")).toBe("0");
});

it("SQLite is read by Davit itself where its container has no sqlite3", async () => {
  const sleeping = { dump: "sqlite:/data/app.db", folder: "/data", command: ["sleep", "10000"] };
  const made = await databaseOf({ ...sleeping, image: busyboxImage });
  const { davit, module, db } = made;
  const open = new DatabaseSync(join(davit.root, module, "app.db"));
  open.exec(
    "pragma journal_mode = wal; pragma user_version = 3; create table t (x); insert into t values ('a'), (x'00')",
  );
  await davit.json("backup", module);
  const { stdout } = await davit.run("cat", `${module}@latest`, `davit-dumps/${db.name}/sqlite/data/app.db.sql`);
  expect(stdout).toContain("PRAGMA user_version = 3;");
  expect(stdout).toContain(`INSERT INTO "t" ("x") VALUES ('a');\nINSERT INTO "t" ("x") VALUES (X'00');\n`);
  open.close();
  expect((await davit.run("restore", `${module}@latest`, "--dump")).stderr).toContain("has no sqlite3");
  await inside(db.id, "sh", "-c", "mv /data/app.db /data/real.db; ln -s real.db /data/app.db");
  expect((await davit.run("backup", module)).stderr).toContain("is, or lies behind, a link");
});

describe("a backup", () => {
  it("fails where its dump does, and nothing is sealed", async () => {
    const made = await databaseOf({ dump: "postgres", folder: "/data", command: ["sleep", "10000"] });
    const { code, stderr } = await made.davit.run("backup", made.module);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `the postgres dump of ${made.db.name} by pg_dumpall ended with exit code 1: pg_dumpall: error:`,
    );
    expect(await made.davit.json("list")).toEqual([]);
    await engine.getContainer(made.db.id).kill();
    expect((await made.davit.run("backup", made.module)).stderr).toContain("the container does not run");
  });

  it("without a dump has none to load", async () => {
    const made = await databaseOf({ dump: "redis", folder: "/data", command: ["redis"] });
    await untilReady("redis", made.db.id);
    await made.davit.json("backup", made.module);
    const { code, stderr } = await made.davit.run("restore", `${made.module}@latest`, "--dump", "--container", "other");
    expect(code).toBe(4);
    expect(stderr).toContain(`it holds dumps of ${made.db.name}`);
    await engine.getContainer(made.db.id).kill();
    expect((await made.davit.run("restore", `${made.module}@latest`, "--dump")).stderr).toContain("does not run");
  });
});
