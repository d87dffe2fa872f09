import { describe, expect, it } from "vitest";
import { createErrorTail } from "../../src/dump/error-tail.ts";
import { databasesIn, withDrops } from "../../src/dump/mysql-drops.ts";
import { intoRunningServer } from "../../src/dump/postgres-head.ts";

async function* pieces(text: string, length: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const bytes of content) all.push(bytes);
  return Buffer.concat(all).toString();
}

describe.each([1, 7, 4096])("a dump that comes in pieces of %i bytes", (length) => {
  it("of PostgreSQL keeps roles in its head, and is not changed after that", async () => {
    const body =
      "\\connect template1\n\nCREATE ROLE in_data;\nDROP ROLE IF EXISTS in_data;\n\\connect app\nCREATE ROLE more;\n";
    const head =
      'SET x = off;\nDROP DATABASE IF EXISTS app;\nDROP ROLE IF EXISTS bob;\nCREATE ROLE bob;\nCREATE ROLE "a ü;b";\nALTER ROLE bob;\n';
    expect(await textOf(intoRunningServer(pieces(head + body, length)))).toBe(
      `SET x = off;
DROP DATABASE IF EXISTS app;

DO $davit$ BEGIN CREATE ROLE bob; EXCEPTION WHEN duplicate_object THEN NULL; END $davit$;
DO $davit$ BEGIN CREATE ROLE "a ü;b"; EXCEPTION WHEN duplicate_object THEN NULL; END $davit$;
ALTER ROLE bob;
${body}`,
    );
  });

  it("of MySQL names the databases that it makes", async () => {
    const dump = `-- dump
CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`app\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;
INSERT INTO t VALUES ('CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`no\`');
CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`mysql\` /*!40100 */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`ü \`\`x\` /*!40100 */;
`;
    const databases = await databasesIn(pieces(dump, length));
    expect(databases).toEqual(["`app`", "`ü ``x`"]);
    expect(await textOf(withDrops(databases, pieces(dump, length)))).toBe(
      `SET FOREIGN_KEY_CHECKS = 0;\nDROP DATABASE IF EXISTS \`app\`;\nDROP DATABASE IF EXISTS \`ü \`\`x\`;\nSET FOREIGN_KEY_CHECKS = 1;\n${dump}`,
    );
  });
});

it("the end of an error output has no secrets and no control characters", () => {
  const tail = createErrorTail(["hunter2", null]);
  for (let line = 0; line < 10_000; line++) tail.add(Buffer.from(`line ${line}\n`));
  tail.add(Buffer.from("\u001B[31mwrong password: hunter2\r\n\r\n"));
  expect(tail.text()).toBe("line 9996; line 9997; line 9998; line 9999; [31mwrong password: ***");
});
