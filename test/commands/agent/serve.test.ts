import { type ChildProcess } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { finished } from "../../fixtures/davit-program.ts";
import { makePoints } from "../../fixtures/make-points.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

describe("davit agent serve", () => {
  it("logs JSON, ends on SIGTERM with 0, and lets no second one in", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    const { child, lines, until } = serve(agent);
    const serving = await until("serving");
    expect(serving).toMatchObject({ level: "info", vault: agent.vault, machines: [], listen: { host: "127.0.0.1" } });
    expect(await until("no machine is to be backed up")).toMatchObject({
      level: "warn",
      hint: `write them into ${agent.file}`,
    });
    expect(await agent.run("serve")).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("another `davit agent serve` uses the state folder"),
    });
    child.kill("SIGTERM");
    expect((await finished(child)).code).toBe(0);
    expect(lines().at(-1)).toMatchObject({ msg: "stopping: runs end, machines are let go" });
  });

  it("sweeps at its start what a crash has left, and nothing else", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    const [full] = await makePoints(agent.vault, { machine: "vm", count: 1 });
    const chain = join(agent.vault, "vm", full?.time ?? "");
    await mkdir(join(chain, ".20261105T020000Z.partial"));
    await mkdir(join(agent.vault, "vm", "20261106T020000Z", ".20261106T020000Z.partial"), { recursive: true });
    const { child, until } = serve(agent);
    await until("serving");
    expect(await readdir(join(agent.vault, "vm"))).toEqual([full?.time]);
    expect(await readdir(chain)).toEqual([full?.time]);
    child.kill("SIGTERM");
    expect((await finished(child)).code).toBe(0);
    expect((await agent.run("verify", "vm@latest")).code).toBe(0);
  });

  it("verifies by itself what is due, at the rate that is set", async () => {
    const agent = await AgentProgram.in(await scratchFolder(), "verifyDays: 1\nverifyRate: off\n");
    await makePoints(agent.vault, { machine: "vm", count: 2 });
    const { child, until } = serve(agent);
    await until("verification begins");
    const { waitForRun } = runsOf(agent);
    expect(await waitForRun()).toMatchObject({ kind: "verify", module: "vm", trigger: "schedule", outcome: "ok" });
    child.kill("SIGTERM");
    expect((await finished(child)).code).toBe(0);
  });
});

interface Serving {
  child: ChildProcess;
  lines(): Record<string, unknown>[];
  /** Waits for a line of the log with that message. */
  until(message: string): Promise<Record<string, unknown>>;
}

function serve(agent: AgentProgram): Serving {
  const child = agent.start("serve");
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  const waiting = new Set<() => void>();
  child.stderr?.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    for (const look of waiting) look();
  });
  const lines = (): Record<string, unknown>[] => {
    const whole = text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter((line) => line !== "");
    return whole.map((line): Record<string, unknown> => JSON.parse(line));
  };
  return {
    child,
    lines,
    async until(message) {
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
      const look = (): void => {
        const found = lines().find((line) => line["msg"] === message);
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      child.once("close", () => reject(new Error(`it ended:\n${text}`)));
      look();
      return promise.finally(() => waiting.delete(look));
    },
  };
}

function runsOf(agent: AgentProgram) {
  return {
    /** The newest run, once it has ended. */
    async waitForRun(): Promise<unknown> {
      const [known] = runs(await agent.json("runs"));
      await agent.run("runs", "--follow", known?.run ?? "");
      return runs(await agent.json("runs"))[0];
    },
  };
}

function runs(found: unknown): { run: string }[] {
  return Array.isArray(found) ? found : [];
}
