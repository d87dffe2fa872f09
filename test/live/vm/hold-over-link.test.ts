import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { machineStatus, type PointManifest } from "../../../src/contract/machine.ts";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { CabledHosts } from "../../fixtures/live/cabled-hosts.ts";
import { postgres } from "../../fixtures/live/consistency/postgres.ts";
import { type Clients, startClients } from "../../fixtures/live/consistency/start-clients.ts";
import { Containers, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { pausesOf } from "../../fixtures/live/pauses-of.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { untilAnswers } from "../../fixtures/live/service.ts";
import { servicesImage } from "../../fixtures/live/services-image.ts";
import { startBareMachine } from "../../fixtures/live/vm/start-bare-machine.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

/*
 * All of it, and each part the real one: `davit agent serve` over libvirt and QEMU in one network namespace, `davit serve` over Docker
 * with a PostgreSQL at work in another, paired by the line that `davit agent pair` prints, over a cable between them.
 */

const containers = new Containers();
afterEach(async () => containers.removeAll());

const name = "davit-link-vm";

interface Scene {
  agent: AgentProgram;
  davit: DavitProgram;
  /** The PostgreSQL's container, and those who write to it. */
  database: string;
  clients: Clients;
}

async function scene(): Promise<Scene> {
  const folder = await scratchFolder();
  await chmod(folder, 0o711);
  const cable = await CabledHosts.make();
  const machine = await startBareMachine({ name, folder, disks: { vda: { format: "qcow2", mebibytes: 64 } } });
  await machine.write("vda", { kib: 0, size: 4096, byte: 1 });
  const agent = await AgentProgram.in(join(folder, "agent"));
  await chmod(agent.folder, 0o711);
  await writeFile(
    agent.file,
    `vault: ${agent.vault}\nstate: ${agent.state}\nlisten: ${cable.address}:8470\nmachines:\n  ${name}:\n    quiesce: auto\n`,
  );
  await serve(agent, cable);
  const { line } = z.looseObject({ line: z.string() }).parse(await agent.json("pair", name));

  await mkdir(join(folder, "davit"));
  const davit = await DavitProgram.in(join(folder, "davit"), { DAVIT_AGENT: line });
  davit.before = cable.inMachine;
  const source = join(davit.root, name);
  await mkdir(source);
  const { id } = await containers.make({
    name: uniqueName("postgres"),
    image: servicesImage,
    command: [...postgres.serve],
    labels: { "davit.enable": "true" },
    binds: [`${source}:${postgres.folder}`],
  });
  await untilAnswers(id, postgres.probe);
  await postgres.open(id);
  const beside = await containers.make({ image: servicesImage, networkMode: `container:${id}` });
  const served = await ServedDavit.over(davit);
  await vi.waitUntil(() => served.printed.stderr.includes("the agent is there"), { timeout: 60_000 });
  return { agent, davit, database: id, clients: startClients(postgres, beside.id) };
}

async function serve(agent: AgentProgram, cable: CabledHosts): Promise<ChildProcess> {
  const child = spawn("ip", [...cable.inHost.slice(1), ...agent.words, "serve"], {
    env: agent.environment,
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  });
  await vi.waitUntil(() => log.includes('"serving"') || child.exitCode !== null, { timeout: 60_000 });
  if (child.exitCode !== null) throw new Error(`the agent ended: ${log}`);
  return child;
}

async function newestPoint(davit: DavitProgram): Promise<PointManifest> {
  const { points } = machineStatus.parse(await davit.json("machine", "list", name));
  const manifest = points[0]?.manifest ?? null;
  if (manifest === null) throw new Error(`no point: ${JSON.stringify(points)}`);
  return manifest;
}

/** Expects that the database stood still around the instant of the point, and that nobody had a write acknowledged meanwhile. */
async function expectHeld(
  { database, clients }: Scene,
  since: Date,
  { taken, quiesce, type }: PointManifest,
): Promise<void> {
  expect(quiesce.used).toContain("hold");
  const pauses = await pausesOf(database, since);
  expect(pauses).toHaveLength(1);
  const [{ from, to } = { from: NaN, to: null }] = pauses;
  const instant = Date.parse(taken);
  // The instant is written in whole milliseconds.
  expect(instant).toBeGreaterThanOrEqual(Math.floor(from));
  expect(instant).toBeLessThanOrEqual(Math.ceil(to ?? NaN));
  // An acknowledgement that was on its way reaches this process a little later, and the engine tells of a thaw after it.
  const margin = ((to ?? NaN) - from) / 4;
  expect(clients.acknowledgedBefore(new Date((to ?? NaN) - margin))).toEqual(
    clients.acknowledgedBefore(new Date(from + margin)),
  );
  expect(await stateOf(database)).toBe("running");
  console.log(
    `${type}: held for ${Math.round((to ?? NaN) - from)} ms; the machine stood still for ${quiesce.ms} ms of these`,
  );
}

it("a machine's point is taken while the PostgreSQL in it is held, whoever asks for it", async () => {
  const made = await scene();
  const { agent, davit, clients } = made;
  const backups: [string, () => Promise<unknown>][] = [
    ["full", () => davit.json("machine", "backup", name, "--full")],
    ["incremental", () => davit.json("machine", "backup", name)],
    // A verb on the host is another process than the one that has the link.
    ["incremental", () => agent.json("backup", name)],
  ];
  for (const [type, backup] of backups) {
    await clients.untilMore(20);
    const since = new Date();
    await backup();
    const point = await newestPoint(davit);
    expect(point.type).toBe(type);
    await expectHeld(made, since, point);
  }
  await clients.untilMore(20);
  await clients.stop();
});
