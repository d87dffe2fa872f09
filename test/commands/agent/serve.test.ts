import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { finished } from "../../fixtures/davit-program.ts";
import { makePoints } from "../../fixtures/make-points.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";
import { startService } from "../../fixtures/start-service.ts";

describe("davit agent serve", () => {
  it("logs JSON, ends on SIGTERM with 0, and lets no second one in", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    const { child, lines, until } = startService(agent);
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

  it("keeps its schedule where its port is another program's, and says so", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : null;
    const agent = await AgentProgram.in(await scratchFolder());
    await writeFile(agent.file, `vault: ${agent.vault}\nstate: ${agent.state}\nlisten: 127.0.0.1:${port}\n`);
    const { child, until } = startService(agent);
    const told = await until("no sidecar can reach the agent; trying again");
    expect(told).toMatchObject({ level: "error", err: { message: `can't listen on 127.0.0.1:${port}` } });
    expect(await until("serving")).toMatchObject({ listen: null });
    child.kill("SIGTERM");
    expect((await finished(child)).code).toBe(0);
  });

  it("sweeps at its start what a crash has left, and nothing else", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    const [full] = await makePoints(agent.vault, { machine: "vm", count: 1 });
    const chain = join(agent.vault, "vm", full?.time ?? "");
    await mkdir(join(chain, ".20261105T020000Z.partial"));
    await mkdir(join(agent.vault, "vm", "20261106T020000Z", ".20261106T020000Z.partial"), { recursive: true });
    const { child, until } = startService(agent);
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
    const { child, until } = startService(agent);
    await until("verification begins");
    const { waitForRun } = runsOf(agent);
    expect(await waitForRun()).toMatchObject({ kind: "verify", module: "vm", trigger: "schedule", outcome: "ok" });
    child.kill("SIGTERM");
    expect((await finished(child)).code).toBe(0);
  });
});

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
