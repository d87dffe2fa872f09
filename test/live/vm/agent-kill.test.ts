import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { recoverHost } from "../../../src/flow/machine/recover-host.ts";
import { guestImage } from "../../fixtures/guest/guest-image.ts";
import { type Guest, startGuest } from "../../fixtures/guest/start-guest.ts";
import { copyAtEachPoint } from "../../fixtures/live/vm/copy-at-each-point.ts";
import { backUp, folderOf } from "../../fixtures/live/vm/points-of.ts";
import { openTestHost } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const kills = 20;

describe("an agent that is killed", () => {
  it(`at ${kills} random moments of its backups leaves no machine paused or frozen after its next start, nor a half point`, async () => {
    const folder = await scratchFolder();
    const name = "davit-kill";
    const guest = await startGuest({ name, folder, image: await guestImage() });
    onTestFinished(() => guest.remove());
    await guest.untilWritten(3);
    await guest.untilAgent();
    const host = await openTestHost(folder, { [name]: {} });
    await backUp(host, name, "full");

    // One that nobody kills, for how long they take from the plan on.
    let planned = NaN;
    await runAgent([folder, name, "auto", "incremental"], (stage) => {
      if (stage === "plan") planned = performance.now();
    });
    const usualMs = performance.now() - planned;

    const moments: string[] = [];
    let cut = 0;
    for (let number = 0; number < kills; number++) {
      const how = number % 2 === 0 ? "auto" : "pause";
      const type = number % 5 === 4 ? "full" : "incremental";
      const moment = await killAgent([folder, name, how, type], Math.random() * usualMs);
      moments.push(`${how} ${type}: ${moment}`);
      const warnings: string[] = [];
      // The next start.
      await recoverHost(host, { warning: (message) => warnings.push(message) });
      cut += warnings.some((message) => message.includes("was let go")) ? 1 : 0;
      await expectAlive(guest, [moment, ...warnings]);
      const points = await host.vault.list(name);
      expect({
        moment,
        partials: await host.vault.partials(name),
        still: await host.stillness.list(),
        job: (await guest.virsh("domjobinfo", name)).split(/\s+/u).slice(0, 3),
        problems: points.filter(({ problem }) => problem !== null),
      }).toEqual({ moment, partials: [], still: [], job: ["Job", "type:", "None"], problems: [] });
    }
    console.log(`killed (${cut} times while it stood still):\n${moments.join("\n")}`);

    const copies = await copyAtEachPoint(join(folder, "copies"), guest.disks);
    const last = await backUp(host, name, "incremental");
    expect(last.type).toBe("incremental");
    const [copy = ""] = await copies();
    await runTool("qemu-img", "compare", "-q", join(folderOf(host, last), "vda.qcow2"), join(copy, "vda.qcow2"));
    for (const { id } of await host.vault.list(name))
      await runTool("env", "-C", join(host.config.vault, id), "sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS");
    expect((await guest.virsh("checkpoint-list", name, "--name")).trim()).toBe(last.checkpoint);
    expect((await host.runs.list()).filter((run) => run.outcome === "interrupted").length).toBeGreaterThan(kills / 4);
  });
});

/** Kills a backup some time after it has begun to plan. Gives how far it had come. */
async function killAgent(words: readonly string[], afterMs: number): Promise<string> {
  const stages = await runAgent(words, (stage, agent) => {
    // At a random moment: it is the time that is wanted here, not a condition.
    if (stage === "plan") void delay(afterMs).then(() => agent.kill("SIGKILL"));
  });
  return `after ${Math.round(afterMs)} ms, in ${stages.at(-1)}`;
}

/** Makes a backup in a process of its own, to its end. Gives the stages that it told of. */
async function runAgent(
  words: readonly string[],
  onStage: (stage: string, agent: ChildProcess) => void,
): Promise<string[]> {
  const program = join(import.meta.dirname, "../../fixtures/live/vm/back-up-until-killed.ts");
  const agent = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(agent, "exit");
  const stages: string[] = [];
  for await (const line of createInterface({ input: agent.stdout })) {
    stages.push(line);
    onStage(line, agent);
  }
  await exited;
  return stages;
}

async function expectAlive(guest: Guest, told: readonly string[]): Promise<void> {
  const status = await guest.virsh("qemu-agent-command", guest.name, '{"execute":"guest-fsfreeze-status"}');
  const found = { told, state: await guest.state(), frozen: !status.includes("thawed") };
  expect(found).toEqual({ told, state: "running", frozen: false });
  await guest.untilWritten(1);
}
