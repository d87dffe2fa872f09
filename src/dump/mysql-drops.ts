/** How mysqldump and mariadb-dump begin a database; in their data no line can begin like that, since line breaks are escaped. */
const beginning = /^CREATE DATABASE \/\*!32312 IF NOT EXISTS\*\/ (`(?:[^`]|``)+`)/u;
/** The server's own, which can't go while it runs; its tables are replaced one by one. */
const own = new Set(["`mysql`", "`sys`"]);
const longestBeginning = 1024;

/** The databases that a dump makes, as it quotes them. */
export async function databasesIn(dump: AsyncIterable<Buffer>): Promise<string[]> {
  const found: string[] = [];
  let line = "";
  for await (const bytes of dump) {
    const [first = "", ...more] = bytes.toString("latin1").split("\n");
    line = (line + first).slice(0, longestBeginning);
    for (const next of more) {
      const name = beginning.exec(Buffer.from(line, "latin1").toString())?.[1];
      if (name !== undefined && !own.has(name)) found.push(name);
      line = next.slice(0, longestBeginning);
    }
  }
  return found;
}

/** The dump with what makes room for it before it: tables that it does not have would stay otherwise. */
export async function* withDrops(databases: readonly string[], dump: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const drops = databases.map((name) => `DROP DATABASE IF EXISTS ${name};\n`).join("");
  yield Buffer.from(`SET FOREIGN_KEY_CHECKS = 0;\n${drops}SET FOREIGN_KEY_CHECKS = 1;\n`);
  yield* dump;
}
