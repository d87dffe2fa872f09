import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, it } from "vitest";
import type { CopyId, PairingLine } from "../../src/contract/link.ts";
import type { AgentLink } from "../../src/link/sidecar/connect-agent.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { readEvidence } from "../../src/format/read-evidence.ts";
import { headersOf, type LinkScene, linkScene, never, rawRequest } from "./scene.ts";

const host = "3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10";
const id: CopyId = { host, module: "nas", time: "20261122T020000Z" };

let scene: LinkScene;
let line: PairingLine;
let link: AgentLink;

beforeEach(async () => {
  scene = await linkScene();
  line = await scene.pair();
  link = scene.link(line);
});

/** The files of a backup, SHA256SUMS first. */
function backupFiles(): Map<string, Buffer> {
  const files = new Map([
    ["nas.tar.gz", randomBytes(300_000)],
    ["index.ndjson.gz", randomBytes(2000)],
    ["manifest.json", Buffer.from("{}\n")],
    ["empty.json", Buffer.alloc(0)],
  ]);
  const sums = [...files].map(([name, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`);
  return new Map([["SHA256SUMS", Buffer.from(sums.join(""))], ...files]);
}

async function put(file: string, content: Buffer, first = 0, bytes = content.length - first): Promise<void> {
  const part = content.subarray(first, first + bytes);
  const stream = (): Readable => Readable.from(bytes === 0 ? [] : [part]);
  await link.putPiece(id, { file, first, bytes, total: content.length, stream }, never);
}

async function putAll(files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [name, content] of files) await put(name, content);
}

const seal = async (): Promise<number> => link.sealCopy(id, () => undefined, never);
const folder = (name: string): string => join(scene.copies, host, "nas", name);

describe("a copy", () => {
  it("is a whole backup once it is sealed, which sha256sum agrees with; before that it is none", async () => {
    const files = backupFiles();
    await putAll(files);
    expect(await readdir(join(scene.copies, host, "nas"))).toEqual([".20261122T020000Z.partial"]);
    expect(await link.copyState(id, never)).toMatchObject({ sealed: false, files: { "nas.tar.gz": 300_000 } });
    const bytes = [...files.values()].reduce((sum, one) => sum + one.length, 0);
    expect(await seal()).toBe(bytes);
    expect(await readdir(join(scene.copies, host, "nas"))).toEqual([id.time]);
    await runTool("sh", "-c", `cd '${folder(id.time)}' && sha256sum -c --strict SHA256SUMS`);
    expect(await link.copyState(id, never)).toEqual({ sealed: true, files: {} });
    expect((await stat(folder(id.time))).mode & 0o777).toBe(0o700);
    expect(await readEvidence(folder(id.time))).toMatchObject([
      { kind: "copied", ok: true, detail: "from the sidecar in docker-host" },
    ]);
  });

  it("goes on where it broke off, also within a file", async () => {
    const files = backupFiles();
    const archive = files.get("nas.tar.gz") ?? Buffer.alloc(0);
    await put("nas.tar.gz", archive, 0, 100_000);
    const again = scene.link(line);
    const { files: there } = await again.copyState(id, never);
    expect(there).toEqual({ "nas.tar.gz": 100_000 });
    await put("nas.tar.gz", archive, there["nas.tar.gz"]);
    files.delete("nas.tar.gz");
    await putAll(files);
    await seal();
    expect(await readFile(join(folder(id.time), "nas.tar.gz"))).toEqual(archive);
  });

  it("keeps what had arrived of a piece whose connection was cut, and takes the rest", async () => {
    const files = backupFiles();
    const archive = files.get("nas.tar.gz") ?? Buffer.alloc(0);
    const cut = new AbortController();
    async function* slowly() {
      yield archive.subarray(0, 65_536);
      await expect.poll(async () => (await link.copyState(id, never)).files["nas.tar.gz"]).toBe(65_536);
      cut.abort();
      yield archive.subarray(65_536);
    }
    const piece = { file: "nas.tar.gz", first: 0, bytes: archive.length, total: archive.length };
    await expect(
      link.putPiece(id, { ...piece, stream: () => Readable.from(slowly()) }, cut.signal),
    ).rejects.toMatchObject({ kind: "cancelled" });
    await expect
      .poll(async () =>
        put("nas.tar.gz", archive, 65_536).then(
          () => "taken",
          () => "busy",
        ),
      )
      .toBe("taken");
    files.delete("nas.tar.gz");
    await putAll(files);
    await seal();
  });

  it("that arrived otherwise than its SHA256SUMS says is not sealed; the wrong file goes, and can come again", async () => {
    const files = backupFiles();
    const archive = files.get("nas.tar.gz") ?? Buffer.alloc(0);
    const wrong = Buffer.from(archive);
    wrong[150_000] = (wrong[150_000] ?? 0) ^ 1;
    await putAll(new Map([...files, ["nas.tar.gz", wrong]]));
    await expect(seal()).rejects.toMatchObject({ reason: "damaged", message: expect.stringContaining("nas.tar.gz") });
    expect(Object.keys((await link.copyState(id, never)).files)).not.toContain("nas.tar.gz");
    await put("nas.tar.gz", archive);
    await seal();
  });

  it("takes no file that SHA256SUMS does not name, and is not sealed without one that it names", async () => {
    const files = backupFiles();
    await putAll(files);
    await put("extra.sh", Buffer.from("#!/bin/sh\n"));
    await expect(seal()).rejects.toMatchObject({ reason: "damaged", message: expect.stringContaining("extra.sh") });
    await seal();
    expect((await readdir(folder(id.time))).toSorted()).toEqual([...files.keys(), "evidence.ndjson"].toSorted());
  });

  it.each([
    ["without SHA256SUMS", (files: Map<string, Buffer>) => files.delete("SHA256SUMS")],
    ["without the archive", (files: Map<string, Buffer>) => files.delete("nas.tar.gz")],
  ])("is not sealed %s", async (_, spoil) => {
    const files = backupFiles();
    spoil(files);
    await putAll(files);
    await expect(seal()).rejects.toMatchObject({ reason: "bad-request" });
  });

  it("whose SHA256SUMS names a file elsewhere is not sealed", async () => {
    const files = backupFiles();
    const sums = `${files.get("SHA256SUMS")?.toString()}${"0".repeat(64)}  ../../../../etc/passwd\n`;
    await putAll(new Map([...files, ["SHA256SUMS", Buffer.from(sums)]]));
    await expect(seal()).rejects.toMatchObject({ reason: "damaged" });
  });

  it("is written once: neither a file of it nor the copy is taken again", async () => {
    const files = backupFiles();
    await putAll(files);
    await expect(put("nas.tar.gz", files.get("nas.tar.gz") ?? Buffer.alloc(0))).rejects.toMatchObject({
      reason: "already-there",
    });
    await seal();
    const before = await runTool("sh", "-c", `cd '${folder(id.time)}' && sha256sum *`);
    await expect(put("nas.tar.gz", Buffer.from("other"))).rejects.toMatchObject({ reason: "already-there" });
    await expect(put("more.json", Buffer.from("{}"))).rejects.toMatchObject({ reason: "already-there" });
    await expect(seal()).rejects.toMatchObject({ reason: "already-there" });
    expect(await runTool("sh", "-c", `cd '${folder(id.time)}' && sha256sum *`)).toBe(before);
  });

  it("brings no evidence of its own", async () => {
    await expect(put("evidence.ndjson", Buffer.from("{}"))).rejects.toMatchObject({ reason: "bad-request" });
  });

  it("begins a piece where the last one ended, and nowhere else", async () => {
    const content = randomBytes(1000);
    await put("nas.tar.gz", content, 0, 500);
    await expect(put("nas.tar.gz", content, 0, 500)).rejects.toMatchObject({ reason: "bad-request" });
    await expect(put("nas.tar.gz", content, 600, 100)).rejects.toMatchObject({ reason: "bad-request" });
    const file = `/link/v1/copies/${host}/nas/${id.time}/nas.tar.gz`;
    for (const range of [
      "",
      "bytes 500-10/1000",
      "bytes 500-1200/1000",
      "bytes */1000",
      "bytes 500-*/1000",
      "500-600/1000",
    ]) {
      const headers = headersOf(line, { "content-range": range });
      const { reason } = await rawRequest(line, "PUT", file, { headers, body: "x" });
      expect([range, reason]).toEqual([range, "bad-request"]);
    }
    expect((await link.copyState(id, never)).files).toEqual({ "nas.tar.gz": 500 });
  });

  it("has one writer at a time", async () => {
    const content = randomBytes(1000);
    const { promise, resolve } = Promise.withResolvers<void>();
    async function* waiting() {
      yield content.subarray(0, 400);
      await promise;
      yield content.subarray(400);
    }
    const piece = { file: "nas.tar.gz", first: 0, bytes: 1000, total: 1000, stream: () => Readable.from(waiting()) };
    const first = link.putPiece(id, piece, never);
    await expect.poll(async () => (await link.copyState(id, never)).files["nas.tar.gz"]).toBe(400);
    await expect(put("nas.tar.gz", content, 400)).rejects.toMatchObject({ reason: "busy" });
    resolve();
    await first;
  });

  it("that is dated ahead of the agent's clock is refused: it would be the newest for ever", async () => {
    const ahead = { ...id, time: "29991122T020000Z" };
    const stream = (): Readable => Readable.from(["x"]);
    await expect(
      link.putPiece(ahead, { file: "nas.tar.gz", first: 0, bytes: 1, total: 1, stream }, never),
    ).rejects.toMatchObject({ reason: "bad-request", message: expect.stringContaining("ahead") });
  });

  it("has no more files, and no bigger ones, than a backup can have", async () => {
    const stream = (): Readable => Readable.from(["x"]);
    const one = { first: 0, bytes: 1, total: 1, stream };
    for (let at = 0; at < 32; at += 1) await link.putPiece(id, { file: `file-${at}`, ...one }, never);
    await expect(link.putPiece(id, { file: "one-more", ...one }, never)).rejects.toMatchObject({ reason: "too-large" });
    const sums = { ...id, time: "20261123T020000Z" };
    await expect(
      link.putPiece(sums, { file: "SHA256SUMS", first: 0, bytes: 1, total: 1_000_000, stream }, never),
    ).rejects.toMatchObject({ reason: "too-large" });
  });

  it("leaves room for the host's own work", async () => {
    const piece = { file: "nas.tar.gz", first: 0, bytes: 1, total: 15 * 1024 ** 4, stream: () => Readable.from(["x"]) };
    await expect(link.putPiece(id, piece, never)).rejects.toMatchObject({ reason: "no-space", kind: "storage" });
  });
});

describe("whose copies a host's are", () => {
  it("is whose sidecar used its id first; after that nobody else's", async () => {
    await link.copyState(id, never);
    const mail = scene.link(await scene.pair("mail"));
    await expect(mail.copyState(id, never)).rejects.toMatchObject({ reason: "other-host" });
    // Another machine, another id; and the same one again, paired anew.
    await mail.copyState({ ...id, host: "9b2f5c1e-1f0a-4f6f-8a53-2f0d8a1b7c22" }, never);
    expect(await scene.link(await scene.pair()).copyState(id, never)).toMatchObject({ sealed: false });
  });

  it("is limited: who makes up ids is refused", async () => {
    const made = (at: number): string => `9b2f5c1e-1f0a-4f6f-8a53-${String(at).padStart(12, "0")}`;
    for (let at = 0; at < 16; at += 1) await link.copyState({ ...id, host: made(at) }, never);
    await expect(link.copyState({ ...id, host: made(16) }, never)).rejects.toMatchObject({ reason: "other-host" });
  });
});

it("an agent that takes no copies says so", async () => {
  const without = await linkScene({ copies: null });
  const sidecar = without.link(await without.pair());
  expect(await sidecar.hello(never)).toMatchObject({ copies: false });
  await expect(sidecar.copyState(id, never)).rejects.toMatchObject({ reason: "no-copies", kind: "config" });
});

it("a folder of copies that is gone is not made: it may be a disk that is not mounted", async () => {
  const gone = await linkScene({ copies: join(scene.copies, "not-mounted") });
  const sidecar = gone.link(await gone.pair());
  const piece = { file: "nas.tar.gz", first: 0, bytes: 1, total: 1, stream: () => Readable.from(["x"]) };
  await expect(sidecar.putPiece(id, piece, never)).rejects.toMatchObject({ reason: "failed" });
  expect(await readdir(scene.copies)).toEqual([]);
  await mkdir(join(scene.copies, "not-mounted"));
  await writeFile(join(scene.copies, "not-mounted", ".keep"), "");
  await sidecar.putPiece(id, piece, never);
});
