const mostHead = 64 * 1024 * 1024;

/**
 * A dump of pg_dumpall so that a server that has roles and connections already takes it without an error: its head, up to
 * the first database, keeps roles that are there (they get the attributes and passwords of the dump) in place of dropping
 * them.
 */
export async function* intoRunningServer(dump: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const bytes of dump) {
    if (head === null) {
      yield bytes;
      continue;
    }
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf("\n\\connect ");
    if (end === -1 && head.length < mostHead) continue;
    const cut = end === -1 ? 0 : end + 1;
    yield Buffer.from(mended(head.toString("latin1", 0, cut)), "latin1");
    yield head.subarray(cut);
    head = null;
  }
  if (head !== null) yield head;
}

function mended(head: string): string {
  return head
    .split("\n")
    .map((line) => {
      if (line.startsWith("DROP ROLE IF EXISTS ")) return "";
      const role = /^CREATE ROLE (.+);$/u.exec(line)?.[1];
      if (role === undefined) return line;
      return `DO $davit$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $davit$;`;
    })
    .join("\n");
}
