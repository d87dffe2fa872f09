import { randomBytes } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ArchiveSession } from "../../src/contract/archive-session.ts";
import type { Compression } from "../../src/contract/settings.ts";
import { openTestArchive } from "../fixtures/open-test-archive.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

async function begin(compression: Compression = { type: "gzip", level: 6 }) {
  const scratch = await scratchFolder();
  const source = join(scratch, "source");
  const folder = join(scratch, "backup");
  await mkdir(source);
  await mkdir(folder);
  writeFileSync(join(source, "file"), "content");
  const session = await openTestArchive(source, folder, { compression });
  return { scratch, source, folder, session };
}

async function* pieces(whole: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function finish(session: ArchiveSession) {
  const result = await session.finish();
  await session.close();
  return result;
}

describe("a dump", () => {
  it.each<[Compression, string]>([
    [{ type: "gzip", level: 6 }, "-z"],
    [{ type: "zstd", level: 3 }, "--zstd"],
    [{ type: "none" }, "--sparse"],
  ])("is a file of the archive like any other (%j)", async (compression, option) => {
    const { scratch, source, folder, session } = await begin(compression);
    const big = randomBytes(5_000_001);
    expect(await session.addDump({ name: "db/postgres.sql", content: pieces(big, 70_000) })).toBe(big.length);
    await session.pass("live");
    appendFileSync(join(source, "file"), ", changed");
    await session.addDump({ name: "cache/redis.rdb", content: pieces(Buffer.from("small"), 2) });
    await session.addDump({ name: "empty", content: pieces(Buffer.alloc(0), 1) });
    await session.pass("catch-up");
    const { archive, counts } = await finish(session);

    expect(counts).toMatchObject({ files: 4, bytesIn: big.length + "small".length + "content, changed".length });
    const file = join(folder, archive.file);
    expect((await runTool("tar", option, "-tf", file)).split("\n").filter(Boolean)).toEqual([
      `${source.slice(1)}/`,
      `${source.slice(1)}/file`,
      "davit-dumps/db/postgres.sql",
      "davit-dumps/cache/redis.rdb",
      "davit-dumps/empty",
    ]);
    const target = join(scratch, "target");
    await mkdir(target);
    await runTool("tar", option, "-xpf", file, "-C", target);
    expect((await readFile(join(target, "davit-dumps/db/postgres.sql"))).equals(big)).toBe(true);
    expect(await readFile(join(target, "davit-dumps/cache/redis.rdb"), "utf8")).toBe("small");
    expect(await readFile(join(target, "davit-dumps/empty"), "utf8")).toBe("");
    expect(await readFile(join(target, source, "file"), "utf8")).toBe("content, changed");
  });

  it("that breaks off fails the archive", async () => {
    const { session } = await begin();
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(2_000_000);
      throw new Error("the database went away");
    }
    await expect(session.addDump({ name: "db/all.sql", content: broken() })).rejects.toThrow("the database went away");
    await session.close();
  });

  it.each(["../etc/passwd", "/etc/passwd", "a//b", "a/../b", "", "new\nline", "."])(
    "can't be named %j",
    async (name) => {
      const { session } = await begin();
      await expect(session.addDump({ name, content: pieces(Buffer.alloc(1), 1) })).rejects.toMatchObject({
        kind: "unsafe",
      });
      await session.close();
    },
  );
});
