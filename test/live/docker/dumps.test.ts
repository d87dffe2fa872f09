import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DumpSetting } from "../../../src/contract/settings.ts";
import { connectDocker } from "../../../src/docker/connect-docker.ts";
import { openDump } from "../../../src/dump/open-dump.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine } from "../../fixtures/live/engine.ts";
import { inside, untilReady } from "../../fixtures/live/service.ts";
import { servicesImage } from "../../fixtures/live/services-image.ts";

const docker = connectDocker("unix:///var/run/docker.sock");
const containers = new Containers();
const { signal } = new AbortController();
/** What words and quotes can do wrong, a password has. */
const password = `p w"1'$x\\`;

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterAll(async () => containers.removeAll());

async function dumpOf(id: string, kind: DumpSetting["kind"], path: string | null = null) {
  const document = await docker.inspect(id);
  const { name, content } = await openDump({ docker, document, signal }, { kind, path });
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return { name, content: Buffer.concat(pieces) };
}

/** Why a dump fails, with its hint. */
async function whyNot(id: string, kind: DumpSetting["kind"], path: string | null = null): Promise<string> {
  return dumpOf(id, kind, path).then(
    () => "it does not fail",
    (error: unknown) => String(error),
  );
}

async function service(kind: "postgres" | "mariadb" | "redis", env: string[], command: string[] = []) {
  const made = await containers.make({ image: servicesImage, command: [kind, ...command], env });
  await untilReady(kind, made.id);
  return made;
}

/** A container with a program of a test's own, a shell script, in place of a database's. */
async function standIn(program: string, script: string, env: string[] = []) {
  const made = await containers.make({ env });
  await inside(
    made.id,
    "sh",
    "-c",
    `printf %s "$1" >/bin/${program}; chmod 755 /bin/${program}`,
    "sh",
    `#!/bin/sh\n${script}`,
  );
  return made;
}

describe("a dump of PostgreSQL", () => {
  it("is what pg_dumpall prints, with roles and databases", async () => {
    const { id, name } = await service("postgres", [
      `POSTGRES_PASSWORD=${password}`,
      "POSTGRES_USER=boss",
      "POSTGRES_DB=app",
    ]);
    await inside(
      id,
      "psql",
      "-U",
      "boss",
      "app",
      "-c",
      "create role reader; create table t as select generate_series(1, 50000) x",
    );
    const dump = await dumpOf(id, "postgres");
    expect(dump.name).toBe(`${name}/postgres.sql`);
    const text = dump.content.toString();
    expect(text).toContain("CREATE ROLE reader;");
    expect(text).toContain("\n50000\n");
    expect(text.trimEnd().slice(-50)).toContain("PostgreSQL database cluster dump complete\n--");
  });

  it("needs the right password, and tells it to nobody", async () => {
    const { id } = await service("postgres", ["POSTGRES_PASSWORD=hunter2"]);
    await inside(id, "sh", "-c", `printf 'local all all scram-sha-256\\n' >"/var/lib/postgresql/data/pg_hba.conf"`);
    await inside(id, "sh", "-c", "kill -HUP 1");
    await expect
      .poll(() => inside(id, "psql", "-U", "postgres", "-w", "-c", "select 1").catch(String))
      .toContain("no password");
    expect((await dumpOf(id, "postgres")).content.length).toBeGreaterThan(1000);
    await inside(
      id,
      "env",
      "PGPASSWORD=hunter2",
      "psql",
      "-U",
      "postgres",
      "-c",
      "alter role postgres password 'other'",
    );
    const why = await whyNot(id, "postgres");
    expect(why).toContain("pg_dumpall ended with exit code 1: ");
    expect(why).toContain("password authentication failed");
    expect(why).not.toContain("hunter2");
  });
});

describe("a dump of MariaDB", () => {
  it("has every database, with routines, events and triggers; binary data is hexadecimal", async () => {
    const { id, name } = await service("mariadb", [`MARIADB_ROOT_PASSWORD=${password}`]);
    await inside(
      id,
      "env",
      `MYSQL_PWD=${password}`,
      "mariadb",
      "-u",
      "root",
      "-e",
      `create database app; use app; create table t (x int, b blob); insert into t values (1, x'00ff27');
       create procedure p() select 1; create trigger g before insert on t for each row set new.x = 2;
       create event e on schedule every 1 day do select 1`,
    );
    const dump = await dumpOf(id, "mariadb");
    expect(dump.name).toBe(`${name}/mariadb.sql`);
    const text = dump.content.toString();
    for (const part of ["0x00FF27", "PROCEDURE `p`", "TRIGGER g", "EVENT `e`", "flush privileges"])
      expect(text.toLowerCase()).toContain(part.toLowerCase());
    // The program of the other name does as well.
    expect((await dumpOf(id, "mysql")).name).toBe(`${name}/mysql.sql`);
  });

  it("needs the right password, and tells it to nobody", async () => {
    const { id } = await service("mariadb", ["MARIADB_ROOT_PASSWORD=hunter2"]);
    await inside(
      id,
      "env",
      "MYSQL_PWD=hunter2",
      "mariadb",
      "-u",
      "root",
      "-e",
      "set password for root@localhost = password('other')",
    );
    const why = await whyNot(id, "mariadb");
    expect(why).toContain("Access denied for user 'root'");
    expect(why).not.toContain("hunter2");
  });
});

describe("a dump of Redis", () => {
  it.each([
    ["a variable", ["REDIS_PASSWORD=se kret"]],
    ["a file", ["REDIS_PASSWORD_FILE=/run/password"]],
    ["the server's arguments", []],
  ])("is a file that Redis reads, with the password from %s", async (_, env) => {
    const { id, name } = await service("redis", env, ["--requirepass", "se kret"]);
    await inside(id, "sh", "-c", "printf 'se kret\\n' >/run/password");
    await inside(id, "env", "REDISCLI_AUTH=se kret", "redis-cli", "set", "fish", "trout");
    const dump = await dumpOf(id, "redis");
    expect(dump.name).toBe(`${name}/redis.rdb`);
    expect(dump.content.subarray(0, 5).toString()).toBe("REDIS");
    await inside(id, "sh", "-c", "echo $0 | base64 -d >/tmp/dump.rdb", dump.content.toString("base64"));
    const said = await inside(id, "redis-check-rdb", "/tmp/dump.rdb");
    expect(said).toContain("RDB looks OK");
    expect(said).toContain("1 keys read");
    // An end of opcode and checksum, and nothing after it.
    expect(dump.content.at(-9)).toBe(0xff);
  });

  it("needs the right password", async () => {
    const { id } = await service("redis", ["REDIS_PASSWORD=wrong"], ["--requirepass", "right"]);
    const why = await whyNot(id, "redis");
    expect(why).toMatch(/ended with exit code 1: .*NOAUTH|WRONGPASS/u);
    expect(why).not.toContain("wrong\n");
  });
});

describe("a dump of SQLite", () => {
  it("is what sqlite3 prints; the database is not touched", async () => {
    const { id, name } = await containers.make({ image: servicesImage, command: ["sleep", "1000"] });
    const script = "pragma journal_mode = wal; create table t (x, b blob); insert into t values ('it''s', x'00ff');";
    await inside(id, "sqlite3", "/data/app.db", script);
    const before = await inside(id, "sha256sum", "/data/app.db");
    const dump = await dumpOf(id, "sqlite", "/data/app.db");
    expect(dump.name).toBe(`${name}/sqlite/data/app.db.sql`);
    expect(dump.content.toString()).toContain("INSERT INTO t VALUES('it''s',X'00ff');");
    expect(await inside(id, "sha256sum", "/data/app.db")).toBe(before);
    expect(await whyNot(id, "sqlite", "/data/none.db")).toContain("unable to open database file");
    expect(await inside(id, "ls", "/data")).not.toContain("none");
  });

  it("of a damaged database fails", async () => {
    const { id } = await containers.make({ image: servicesImage, command: ["sleep", "1000"] });
    await inside(
      id,
      "sqlite3",
      "/data/app.db",
      "create table t (x); insert into t select hex(randomblob(500)) from generate_series(1, 200)",
    );
    await inside(id, "sh", "-c", "dd if=/dev/zero of=/data/app.db bs=4096 seek=3 count=10 conv=notrunc 2>/dev/null");
    expect(await whyNot(id, "sqlite", "/data/app.db")).toMatch(/ended (?:before it was whole|with exit code)/u);
  });
});

describe("a dump of MongoDB", () => {
  // No package has the real one: this does what its documentation says of these options, and refuses all others.
  const mongodump = `
for word in "$@"; do case $word in
  --archive|--quiet|--username=root|--authenticationDatabase=admin) ;;
  --config=/dev/stdin) config=$(cat /dev/stdin) ;;
  --version) echo "mongodump version: 100.9.4"; exit 0 ;;
  *) echo "error parsing command line options: unknown option $word" >&2; exit 1 ;;
esac; done
[ "$config" = 'password: "hunter \\"2\\""' ] || { echo "Failed: auth error: $config" >&2; exit 1; }
printf 'archive\\0'`;

  it("has its password from a file that is none", async () => {
    const env = ["MONGO_INITDB_ROOT_USERNAME=root", 'MONGO_INITDB_ROOT_PASSWORD=hunter "2"'];
    const { id, name } = await standIn("mongodump", mongodump, env);
    expect(await dumpOf(id, "mongodb")).toEqual({ name: `${name}/mongodb.archive`, content: Buffer.from("archive\0") });
  });

  it("with the wrong password fails, and tells it to nobody", async () => {
    const env = ["MONGO_INITDB_ROOT_USERNAME=root", "MONGO_INITDB_ROOT_PASSWORD=secretive"];
    const { id } = await standIn("mongodump", mongodump, env);
    const why = await whyNot(id, "mongodb");
    expect(why).toContain('ended with exit code 1: Failed: auth error: password: "***"');
    expect(why).not.toContain("secretive");
  });
});

describe("a dump", () => {
  it("fails where its container has no program for it", async () => {
    const { id, name } = await containers.make();
    expect(await whyNot(id, "mysql")).toContain(`the container ${name} has no mysqldump and no mariadb-dump`);
  });

  it("fails where its container does not run, or is paused", async () => {
    const { id } = await containers.make();
    await engine.getContainer(id).pause();
    expect(await whyNot(id, "postgres")).toContain("the container is paused");
    await engine.getContainer(id).unpause();
    await engine.getContainer(id).kill();
    expect(await whyNot(id, "postgres")).toContain("the container does not run");
  });

  it.each([
    ["prints nothing", "exit 0", "printed nothing"],
    ["ends midway", "echo half; echo 'lost connection' >&2; exit 3", "ended with exit code 3: lost connection"],
    ["ends midway and says that all is well", "echo half", "ended before it was whole"],
    ["is killed midway", "echo half; kill -9 $$", "ended with exit code 137"],
  ])("fails where its program %s", async (_, script, why) => {
    const { id } = await standIn("pg_dumpall", `[ "$1" = --version ] && exit; ${script}`);
    expect(await whyNot(id, "postgres")).toContain(why);
  });

  it("fails where its container ends midway", async () => {
    const { id } = await standIn("pg_dumpall", `[ "$1" = --version ] && exit; head -c 1000000 /dev/zero; sleep 1000`);
    const { content } = await openDump(
      { docker, document: await docker.inspect(id), signal },
      { kind: "postgres", path: null },
    );
    const read = async (): Promise<void> => {
      let isFirst = true;
      for await (const _ of content) {
        if (isFirst) await engine.getContainer(id).kill();
        isFirst = false;
      }
    };
    await expect(read()).rejects.toThrow("ended in the middle");
  });

  it("fails where a file that has its password is not there", async () => {
    const { id, name } = await standIn("pg_dumpall", "exit 0", ["POSTGRES_PASSWORD_FILE=/run/secrets/none"]);
    expect(await whyNot(id, "postgres")).toContain(
      `could not read POSTGRES_PASSWORD_FILE=/run/secrets/none of the container ${name}`,
    );
  });

  it("is read no faster than it is wanted, byte for byte", async () => {
    const script = `[ "$1" = --version ] && exit; seq 1 5000000; echo '-- PostgreSQL database cluster dump complete'`;
    const { id } = await standIn("pg_dumpall", script);
    const { content } = await openDump(
      { docker, document: await docker.inspect(id), signal },
      { kind: "postgres", path: null },
    );
    const hash = createHash("sha256");
    let highest = 0;
    for await (const piece of content) {
      hash.update(piece);
      highest = Math.max(highest, process.memoryUsage().arrayBuffers);
    }
    const expected = await inside(id, "sh", "-c", "pg_dumpall | sha256sum");
    expect(hash.digest("hex")).toBe(expected.split(" ")[0]);
    expect(highest).toBeLessThan(64_000_000);
  });
});
