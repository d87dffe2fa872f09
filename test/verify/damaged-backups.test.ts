import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Compression } from "../../src/contract/settings.ts";
import { readManifest } from "../../src/format/read-manifest.ts";
import { extractBackup } from "../../src/restore/extract-backup.ts";
import { verifyBackup } from "../../src/verify/verify-backup.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { sealedBackup } from "../fixtures/sealed-backup.ts";
import { sha256 } from "../fixtures/tar-builder.ts";

const compressions: Compression[] = [{ type: "gzip", level: 6 }, { type: "zstd", level: 3 }, { type: "none" }];
const time = "20261122T020000Z";

/** A small backup with an entry of each kind. Gives its folder. */
async function smallBackup(compression: Compression): Promise<string> {
  const root = await scratchFolder();
  const source = join(root, "source");
  await mkdir(join(source, "empty"), { recursive: true });
  const script = `
    seq 2000 > text; head -c 20000 /dev/urandom > noise; ln text again; ln -s ../nowhere link; mkfifo pipe
    printf odd > $(printf 'not-utf8-\\377'); chown 12:34 noise; setfattr -n user.note -v 0x00ff0a3d text
    truncate -s 300000 holes; printf tail >> holes; touch -d '1960-01-01 00:00:00.5 UTC' empty`;
  await runTool("bash", "-ec", `cd ${source}; ${script}`);
  return sealedBackup({ vault: join(root, "vault"), module: "nas", time, source, order: { compression } });
}

async function outcome(folder: string): Promise<string> {
  return verifyBackup({ folder }).then(
    () => "passed",
    (thrown: unknown) => (thrown instanceof Error && "kind" in thrown ? String(thrown.kind) : "crashed"),
  );
}

/** Reads, changes, verifies and puts back; gives what the verify said. */
async function changed(folder: string, name: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const file = join(folder, name);
  const whole = await readFile(file);
  await writeFile(file, change(Buffer.from(whole)));
  const said = await outcome(folder);
  await writeFile(file, whole);
  return said;
}

function flip(bytes: Buffer, at: number, bit: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
  return bytes;
}

/** Numbers that look random and are the same each time (a linear congruential generator). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe.each(compressions)("a damaged backup ($type)", (compression) => {
  it("is found whichever of its bits flips", async () => {
    const folder = await smallBackup(compression);
    const names = await readdir(folder);
    const below = numbers(20_261_122);
    const missed: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      const name = names[below(names.length)] ?? "";
      const at = below((await readFile(join(folder, name))).length);
      const bit = below(8);
      const said = await changed(folder, name, (bytes) => flip(bytes, at, bit));
      if (said !== "damaged" && said !== "missing") missed.push(`${name} byte ${at} bit ${bit}: ${said}`);
    }
    expect(missed).toEqual([]);
    expect(await outcome(folder)).toBe("passed");
  });

  it("is found wherever a file is cut, grown or gone", async () => {
    const folder = await smallBackup(compression);
    const junk = ["junk", "\0".repeat(1024), gzipSync(""), gzipSync("{}\n")].map((bytes) => Buffer.from(bytes));
    const found: Record<string, string> = {};
    for (const name of await readdir(folder)) {
      const { length } = await readFile(join(folder, name));
      for (const keep of [0, 1, 10, length >> 2, length >> 1, length - 513, length - 1])
        if (keep >= 0 && keep < length)
          found[`${name} cut to ${keep}`] = await changed(folder, name, (bytes) => bytes.subarray(0, keep));
      for (const [index, more] of junk.entries())
        found[`${name} and junk ${index}`] = await changed(folder, name, (bytes) => Buffer.concat([bytes, more]));
      found[`${name} gone`] = await withoutFile(folder, name);
    }
    const others = Object.entries(found).filter(([, said]) => said !== "damaged" && said !== "missing");
    expect(others).toEqual([]);
  });

  it("is never restored as something else", async () => {
    const folder = await smallBackup(compression);
    const manifest = await readManifest(folder);
    const root = await scratchFolder();
    const good = join(root, "good");
    await extractBackup({ folder, manifest, target: good });
    // What is above the source is made anew each time.
    const source = manifest.sources[0]?.path ?? "";
    const wanted = await listing(join(good, source));
    const file = join(folder, manifest.archive.file);
    const whole = await readFile(file);
    const below = numbers(7);
    const wrong: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const at = below(whole.length);
      await writeFile(file, flip(Buffer.from(whole), at, below(8)));
      const target = join(root, String(round));
      const said = await extractBackup({ folder, manifest, target }).then(
        async () => ((await listing(join(target, source))) === wanted ? "the same" : "something else"),
        (thrown: unknown) => (thrown instanceof Error && "kind" in thrown ? String(thrown.kind) : "crashed"),
      );
      if (!["the same", "damaged", "unsafe"].includes(said)) wrong.push(`byte ${at}: ${said}`);
      await rm(target, { recursive: true, force: true });
    }
    expect(wrong).toEqual([]);
  });
});

async function withoutFile(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  const whole = await readFile(file);
  await rm(file);
  const said = await outcome(folder);
  await writeFile(file, whole);
  return said;
}

/** Name, kind, mode, owner, time, target and content of everything in a folder. */
async function listing(folder: string): Promise<string> {
  const facts = "find . -printf '%P %y %m %U:%G %n %T@ %l\\n'";
  const line = `cd ${folder}; (${facts}; find . -type f -print0 | xargs -0 sha256sum --) | LC_ALL=C sort | base64`;
  return runTool("bash", "-ec", line);
}

describe("a backup's checksums", () => {
  it("cover every file that SHA256SUMS must name, and every one that it names", async () => {
    const folder = await smallBackup({ type: "gzip", level: 1 });
    const lines = (await readFile(join(folder, "SHA256SUMS"), "utf8")).split("\n").filter((line) => line !== "");
    expect(lines).toHaveLength(7);
    const write = (bytes: string) => changed(folder, "SHA256SUMS", () => Buffer.from(bytes));
    for (const left of lines)
      expect(await write(`${lines.filter((line) => line !== left).join("\n")}\n`)).toBe("damaged");
    expect(await write(`${lines.join("\n")}\n${"0".repeat(64)}  more\n`)).toBe("damaged");
    expect(await write(`${lines.join("\n")}\n${lines[0] ?? ""}\n`)).toBe("damaged");
    expect(await write(lines.join("\u000b"))).toBe("damaged");
    expect(await write(`${lines.join("\n")}\n`)).toBe("passed");
  });

  it("do not cover the evidence that is added later", async () => {
    const folder = await smallBackup({ type: "gzip", level: 1 });
    await writeFile(join(folder, "evidence.ndjson"), "{}\n");
    expect(await outcome(folder)).toBe("passed");
  });

  it("are told with the file, and with what to do", async () => {
    const folder = await smallBackup({ type: "none" });
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      const whole = await readFile(file);
      await truncate(file, whole.length >> 1);
      await expect(verifyBackup({ folder })).rejects.toMatchObject({ message: expect.stringContaining(name) });
      await writeFile(file, whole);
    }
    await writeFile(join(folder, "nas.tar"), (await readFile(join(folder, "nas.tar"))).fill(0xff, 512, 600));
    await expect(verifyBackup({ folder })).rejects.toMatchObject({
      kind: "damaged",
      message: expect.stringContaining(join(folder, "nas.tar")),
      hint: expect.stringContaining("another backup"),
    });
  });
});

describe("a backup of a newer format", () => {
  it("is refused before anything else in it is believed", async () => {
    const folder = await smallBackup({ type: "gzip", level: 1 });
    const text = JSON.stringify({ format: 2, archives: [] });
    const sums = await readFile(join(folder, "SHA256SUMS"), "utf8");
    await writeFile(join(folder, "manifest.json"), text);
    const line = `${sha256(Buffer.from(text))}  manifest.json`;
    await writeFile(join(folder, "SHA256SUMS"), sums.replace(/^.*manifest\.json$/mu, line));
    const refused = {
      kind: "damaged",
      message: expect.stringContaining("format 2"),
      hint: expect.stringContaining("newer Davit"),
    };
    await expect(verifyBackup({ folder })).rejects.toMatchObject(refused);
    await expect(readManifest(folder)).rejects.toMatchObject(refused);
  });
});
