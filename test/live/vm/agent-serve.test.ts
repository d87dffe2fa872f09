import { readdir } from "node:fs/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { openStillness } from "../../../src/machine/open-stillness.ts";
import { writeScheduleState } from "../../../src/schedule/schedule-state.ts";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { finished } from "../../fixtures/davit-program.ts";
import { agentExecutable } from "../../fixtures/live/agent-executable.ts";
import { type BareMachine, startBareMachine } from "../../fixtures/live/vm/start-bare-machine.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";
import { startService } from "../../fixtures/start-service.ts";

let executable: string;
beforeAll(async () => {
  executable = await agentExecutable();
});

const hourMs = 3_600_000;

describe("the agent's service, as one executable", () => {
  it("makes up for a full that was missed, and leaves out the increment that was due with it", async () => {
    const { agent, machine } = await scene("davit-serve-due", "full: 0 * * * *, incremental: 0 * * * *");
    await missed(agent, machine.name, ["full", "incremental"]);
    const { child, until } = startService(agent);
    const left = await until("left out a run: another that was due with it did its work");
    expect(left).toMatchObject({ kind: "incremental" });
    expect(await runs(agent)).toMatchObject([{ kind: "backup", trigger: "catch-up", outcome: "ok" }]);
    expect(await agent.json("list", machine.name)).toMatchObject([{ manifest: { type: "full" }, problem: null }]);
    expect(await readdir(agent.vault)).toContain("RESTORE.txt");
    child.kill("SIGTERM");
    expect((await finished(child)).code).toBe(0);
    expect(await machine.state()).toBe("running");
  });

  it("ends a backup on SIGTERM without a trace, and makes up for it at its next start", async () => {
    const { agent, machine } = await scene("davit-serve-term", "full: 0 * * * *, incremental: off");
    await missed(agent, machine.name, ["full"]);
    const first = startService(agent);
    await vi.waitFor(async () => expect(await runs(agent)).toHaveLength(1), { timeout: 60_000, interval: 20 });
    first.child.kill("SIGTERM");
    expect((await finished(first.child)).code).toBe(0);
    const [cut] = await runs(agent);
    expect(["cancelled", "ok"]).toContain(cut?.outcome);
    expect(await machine.state()).toBe("running");
    const left = await readdir(agent.vault, { recursive: true });
    expect(left.filter((name) => name.includes(".partial"))).toEqual([]);

    const second = startService(agent);
    await vi.waitFor(async () => expect((await runs(agent))[0]).toMatchObject({ outcome: "ok" }), patience);
    expect(await agent.json("list", machine.name)).toMatchObject([{ manifest: { type: "full" }, problem: null }]);
    second.child.kill("SIGTERM");
    expect((await finished(second.child)).code).toBe(0);
  });

  it("lets a machine go at its start that one that was killed has left paused", async () => {
    const { agent, machine } = await scene("davit-serve-left", "full: off, incremental: off");
    const domain = (await machine.virsh("domuuid", machine.name)).trim();
    const since = new Date(Date.now() - hourMs).toISOString();
    await openStillness(agent.state).write({
      module: machine.name,
      kind: "pause",
      uri: "qemu:///system",
      domain,
      since,
    });
    await machine.virsh("suspend", machine.name);
    const doctor = await agent.run("doctor");
    expect(doctor.stdout).toContain("a run that was cut off has left it paused or frozen");
    const { child, until } = startService(agent);
    await until("serving");
    expect(await machine.state()).toBe("running");
    child.kill("SIGTERM");
    expect((await finished(child)).code).toBe(0);
  });
});

const patience = { timeout: 120_000, interval: 500 };

async function scene(name: string, settings: string): Promise<{ agent: AgentProgram; machine: BareMachine }> {
  const folder = await scratchFolder();
  const machine = await startBareMachine({ name, folder, disks: { vda: { format: "qcow2", mebibytes: 64 } } });
  await machine.write("vda", { kib: 0, size: 8192, byte: 5 });
  const agent = await AgentProgram.in(folder, `verifyRate: off\nmachines: { ${name}: { ${settings} } }\n`, executable);
  return { agent, machine };
}

/** Has the schedule know the jobs, which are due each hour, and have seen nothing for two. */
async function missed(agent: AgentProgram, machine: string, kinds: readonly string[]): Promise<void> {
  const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
  const seen = Math.floor((Date.now() - 26 * hourMs) / 60_000) * 60_000;
  const entry = { schedule: "0 * * * *", timezone, seen, unfinished: 0 };
  await writeScheduleState(agent.state, new Map(kinds.map((kind) => [`${kind}:${machine}`, entry])));
}

interface Run {
  kind: string;
  trigger: string;
  outcome: string | null;
}

async function runs(agent: AgentProgram): Promise<Run[]> {
  const found = await agent.json("runs");
  return Array.isArray(found) ? found : [];
}
