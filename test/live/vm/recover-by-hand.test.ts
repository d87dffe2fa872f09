import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { guestImage } from "../../fixtures/guest/guest-image.ts";
import { startGuest } from "../../fixtures/guest/start-guest.ts";
import { agentExecutable } from "../../fixtures/live/agent-executable.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const backedUp = z.tuple([z.object({ manifest: z.object({ type: z.string(), chain: z.string(), time: z.string() }) })]);

describe("a machine that the agent's executable has backed up", () => {
  it("comes back on a host that has nothing of it, by the commands of docs/agent.md alone", async () => {
    const folder = await scratchFolder();
    const name = "davit-by-hand";
    const guest = await startGuest({ name, folder, image: await guestImage(), firmware: "uefi" });
    onTestFinished(() => guest.remove());
    const agent = await AgentProgram.in(folder, `machines: { ${name}: {} }\n`, await agentExecutable());

    await guest.untilAgent();
    const doctor = await agent.run("doctor");
    expect(doctor.stdout).toMatch(
      new RegExp(`^ok +machine ${name} +the domain ${name} is running; vda \\(qcow2\\)$`, "mu"),
    );
    expect(doctor.stdout).not.toMatch(/^error/mu);
    await guest.untilWritten(3);
    const [full] = backedUp.parse(await agent.json("backup", name));
    const told = await guest.untilWritten(3);
    const [increment] = backedUp.parse(await agent.json("backup", name));
    expect([full.manifest.type, increment.manifest.type]).toEqual(["full", "incremental"]);
    expect((await agent.run("list", name)).stdout.split("\n")).toHaveLength(4);
    expect((await agent.run("verify", `${name}@latest`)).code).toBe(0);
    expect((await agent.run("machines")).stdout).toMatch(new RegExp(`^${name} +running`, "mu"));

    // The host is lost.
    const disk = guest.disks["vda"] ?? "";
    await guest.remove();
    for (const file of [disk, join(folder, `${name}.nvram.fd`), join(folder, `${name}.serial`)])
      await rm(file, { force: true });
    await rm(agent.state, { recursive: true });

    const { chain, time } = increment.manifest;
    const script = (await commands("Recover a machine by hand"))
      .replaceAll("/var/lib/libvirt/images/docker-host.qcow2", disk)
      .replaceAll("/mnt/backups/vm", agent.vault)
      .replaceAll("docker-host", name)
      .replaceAll("20261122T010000Z", chain)
      .replaceAll("20261123T010000Z", time);
    await writeFile(join(folder, "by-hand.sh"), `set -euo pipefail\n${script}`);
    const output = await runTool("bash", join(folder, "by-hand.sh"));
    const checked = output.split("\n").filter((line) => / (OK|FAILED)$/u.test(line));
    expect(checked).toHaveLength(8);
    expect(checked.every((line) => line.endsWith(": OK"))).toBe(true);

    // It boots, and goes on after the last line that was on its disk.
    expect(await guest.untilWritten(2)).toBeGreaterThan(told + 1);
    expect(await guest.state()).toBe("running");
  });
});

/** The commands of a section of docs/agent.md, in order. */
async function commands(section: string): Promise<string> {
  const text = await readFile(new URL("../../../docs/agent.md", import.meta.url), "utf8");
  const [, own = ""] = new RegExp(`^## ${section}$([^]*?)^## `, "mu").exec(text) ?? [];
  const blocks = [...own.matchAll(/^( *)```sh\n([^]*?)^ *```$/gmu)];
  return blocks.map(([, indent = "", block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gmu"), "")).join("\n");
}
