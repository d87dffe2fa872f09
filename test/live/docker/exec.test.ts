import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectDocker } from "../../../src/docker/connect-docker.ts";
import type { ExecRequest } from "../../../src/docker/exec.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine, removeContainer } from "../../fixtures/live/engine.ts";
import { startSocketProxy } from "../../fixtures/live/socket-proxy.ts";

const docker = connectDocker("unix:///var/run/docker.sock");
const containers = new Containers();
const never = new AbortController().signal;
let box: { id: string; name: string };

beforeAll(async () => {
  await ensureBusyboxImage();
  box = await containers.make();
});
afterAll(async () => containers.removeAll());

interface Ran {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
}

async function run(command: string[], more: Partial<ExecRequest> = {}, by = docker, id = box.id): Promise<Ran> {
  const pieces: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  const onOutput = (stream: "stdout" | "stderr", bytes: Buffer): void => void pieces[stream].push(bytes);
  const { exitCode } = await by.exec(id, { command, signal: never, onOutput, ...more });
  return { exitCode, stdout: Buffer.concat(pieces.stdout), stderr: Buffer.concat(pieces.stderr) };
}

async function* piecesOf(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("a command in a container", () => {
  it("gives its exit code and both outputs apart", async () => {
    const ran = await run(["sh", "-c", "echo out; echo err >&2; echo more; exit 3"]);
    expect(ran).toEqual({ exitCode: 3, stdout: Buffer.from("out\nmore\n"), stderr: Buffer.from("err\n") });
    expect(await run(["true"])).toEqual({ exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
    expect(await run(["sh", "-c", "exit 137"])).toMatchObject({ exitCode: 137 });
    const ended = await run(["printf", "one\\r\\n"]);
    expect(ended).toEqual({ exitCode: 0, stdout: Buffer.from("one\r\n"), stderr: Buffer.alloc(0) });
  });

  it("is given its words as they are, its user and its environment", async () => {
    const words = ["a b", "$HOME", '"', "'", "*", ""];
    expect((await run(["sh", "-c", 'printf "<%s>" "$@"', "sh", ...words])).stdout.toString()).toBe(
      words.map((word) => `<${word}>`).join(""),
    );
    const more = { user: "12:34", env: ["GREETING=good day\n"] };
    expect((await run(["sh", "-c", 'echo "$(id -u):$(id -g) $GREETING"'], more)).stdout.toString()).toBe(
      "12:34 good day\n\n",
    );
  });

  it("gets its input byte for byte, closed at its end, and answers after that", async () => {
    const bytes = randomBytes(5_000_011);
    const ran = await run(["sh", "-c", "cat; echo end >&2"], { input: piecesOf(bytes, 65_537) });
    expect(ran.exitCode).toBe(0);
    expect(sha256(ran.stdout)).toBe(sha256(bytes));
    expect(ran.stderr.toString()).toBe("end\n");
    expect((await run(["wc", "-c"], { input: piecesOf(Buffer.alloc(0), 1) })).stdout.toString().trim()).toBe("0");
    expect((await run(["wc", "-c"])).stdout.toString().trim()).toBe("0");
  });

  it("may leave its input unread", async () => {
    const ran = await run(["sh", "-c", "head -c 10 >&2; exit 4"], {
      input: piecesOf(Buffer.alloc(50_000_000, "x"), 65_536),
    });
    expect(ran).toMatchObject({ exitCode: 4, stderr: Buffer.from("xxxxxxxxxx") });
  });

  it("fails where its input does", async () => {
    const input = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from("half");
      throw new Error("the archive is torn");
    };
    await expect(run(["cat"], { input: input() })).rejects.toThrow("the archive is torn");
  });

  it("waits for a slow reader, in little memory", async () => {
    const hash = createHash("sha256");
    let length = 0;
    let highest = 0;
    await docker.exec(box.id, {
      command: ["sh", "-c", "yes 0123456789abcdef | head -c 400000000"],
      signal: never,
      onOutput: async (_, bytes) => {
        hash.update(bytes);
        length += bytes.length;
        highest = Math.max(highest, process.memoryUsage().rss);
        if (length === bytes.length) highest = process.memoryUsage().rss;
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    expect(length).toBe(400_000_000);
    const expected = createHash("sha256");
    const block = Buffer.from("0123456789abcdef\n".repeat(100_000));
    for (let at = 0; at < length; at += block.length) expected.update(block.subarray(0, length - at));
    expect(hash.digest("hex")).toBe(expected.digest("hex"));
    expect(highest - process.memoryUsage().rss).toBeLessThan(150_000_000);
  });

  it("fails where its output is not wanted", async () => {
    const onOutput = (): never => {
      throw new Error("the disk is full");
    };
    await expect(run(["yes"], { onOutput })).rejects.toThrow("the disk is full");
  });
});

describe("a command that can't be run to its end", () => {
  it("tells its time limit, and that it may go on", async () => {
    await expect(run(["sleep", "1000"], { limitMs: 300 })).rejects.toMatchObject({
      kind: "failed",
      message: `sleep in ${box.id.slice(0, 12)} did not end within 0.3 s, and may still be running`,
    });
  });

  it("has its limit also once its output has ended", async () => {
    const closed = ["sh", "-c", "exec >&- 2>&-; sleep 1000"];
    await expect(run(closed, { limitMs: 1500 })).rejects.toThrow("did not end within 1.5 s");
  });

  it("is cancelled at once", async () => {
    const cancelled = new AbortController();
    const running = run(["sh", "-c", "echo up; sleep 1000"], {
      signal: cancelled.signal,
      onOutput: () => cancelled.abort(),
    });
    await expect(running).rejects.toMatchObject({
      kind: "cancelled",
      message: expect.stringContaining("may still be"),
    });
    await expect(run(["true"], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });

  it.each([
    ["is not there", ["no-such-program", "--at-all"], "the container has no such program"],
    ["is no program", ["/etc"], "could not run /etc in"],
  ])("says that it %s", async (_, command, message) => {
    const output: string[] = [];
    const running = run(command, { onOutput: (__, bytes) => void output.push(bytes.toString()) });
    await expect(running).rejects.toMatchObject({ kind: "failed", message: expect.stringContaining(message) });
    expect(output).toEqual([]);
  });

  it("says that its user is not there", async () => {
    await expect(run(["true"], { user: "nobody-at-all" })).rejects.toThrow(/nobody-at-all/u);
  });

  it("says that its container is stopped, paused or gone", async () => {
    const other = await containers.make();
    await engine.getContainer(other.id).pause();
    await expect(run(["true"], {}, docker, other.id)).rejects.toThrow("the container is paused");
    await engine.getContainer(other.id).unpause();
    await engine.getContainer(other.id).kill();
    await expect(run(["true"], {}, docker, other.id)).rejects.toThrow("the container does not run");
    await removeContainer(other.id);
    await expect(run(["true"], {}, docker, other.id)).rejects.toMatchObject({ kind: "missing" });
  });

  it.each(["kill", "remove"] as const)("says that its container ended in the middle: %s", async (how) => {
    const other = await containers.make();
    const { promise: isUp, resolve } = Promise.withResolvers<void>();
    const running = run(["sh", "-c", "echo up; sleep 1000"], { onOutput: () => resolve() }, docker, other.id);
    const told = running.then(String, String);
    await isUp;
    await (how === "kill" ? engine.getContainer(other.id).kill() : removeContainer(other.id));
    expect(await told).toMatch(/ended in the middle|no such container/u);
  });
});

it("works through a socket proxy", async () => {
  const proxy = await startSocketProxy();
  const by = connectDocker(proxy.dockerHost);
  expect((await run(["echo", "hello"], {}, by)).stdout.toString()).toBe("hello\n");
  expect((await run(["cat"], { input: piecesOf(Buffer.from("hello"), 2) }, by)).stdout.toString()).toBe("hello");
  expect(proxy.refused).toEqual([]);
});
