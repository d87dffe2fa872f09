import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { findFaults } from "../../fixtures/live/consistency/bank.ts";
import { postgres } from "../../fixtures/live/consistency/postgres.ts";
import { startClients } from "../../fixtures/live/consistency/start-clients.ts";
import { Containers, engine, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { freezeWhileHeld } from "../../fixtures/live/freeze-while-held.ts";
import { labelledModule } from "../../fixtures/live/labelled-module.ts";
import { LinkedHosts } from "../../fixtures/live/linked-hosts.ts";
import { untilAnswers } from "../../fixtures/live/service.ts";
import { servicesImage } from "../../fixtures/live/services-image.ts";
import { runTool } from "../../fixtures/run-tool.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

const nothing = async (): Promise<void> => undefined;

it("a PostgreSQL's writes are held from the agent's word to its word, and what its disk has then is whole", async () => {
  const hosts = await LinkedHosts.make();
  const module = uniqueName("postgres");
  const source = join(hosts.davit.root, module);
  await mkdir(source);
  const { id } = await containers.make({
    name: module,
    image: servicesImage,
    command: [...postgres.serve],
    labels: { "davit.enable": "true" },
    binds: [`${source}:${postgres.folder}`],
  });
  await untilAnswers(id, postgres.probe);
  await postgres.open(id);
  const beside = await containers.make({ image: servicesImage, networkMode: `container:${id}` });
  const clients = startClients(postgres, beside.id);
  await hosts.serve();

  for (let round = 1; round <= 3; round += 1) {
    await clients.untilMore(20);
    const asked = Date.now();
    const held = await hosts.agent.tell("hold 60000");
    expect(held.held).toEqual([module]);
    expect(await stateOf(id)).toBe("paused");
    // The instant of the checkpoint: what lies on the disk now is what a machine's point would have.
    const point = join(hosts.copies, `point-${round}`);
    await runTool("cp", "-a", source, point);
    const before = clients.acknowledgedBefore(new Date(held.at));
    // Nothing is written while it lasts: the disk is still what it was when the copy began, and no client has heard more.
    expect(await runTool("diff", "-r", "--no-dereference", source, point)).toBe("");
    const wanted = Date.now();
    const released = await hosts.agent.tell("release");
    expect(released.throughout).toBe(true);
    expect(await stateOf(id)).toBe("running");
    // An acknowledgement that was on its way reaches this process a little later.
    expect(clients.acknowledgedBefore(new Date(wanted))).toEqual(
      clients.acknowledgedBefore(new Date(Math.min(wanted, held.at + 100))),
    );
    console.log(
      `round ${round}: held ${held.at - asked} ms after the agent asked, for ${wanted - held.at} ms, ` +
        `released ${released.at - wanted} ms after it said so`,
    );
    const restored = await containers.make({
      image: servicesImage,
      command: [...postgres.serveRestored],
      binds: [`${point}:${postgres.folder}`],
    });
    await untilAnswers(restored.id, postgres.probe);
    expect(findFaults(await postgres.read(restored.id), before)).toEqual([]);
  }
  await clients.untilMore(20);
  await clients.stop();
  expect(await readdir(join(hosts.davit.state, "ledger"))).toEqual([]);
});

it("modules are held by their own hooks where they have any, and not at all with hold mode live", async () => {
  const hosts = await LinkedHosts.make();
  const { davit } = hosts;
  const paused = await labelledModule(containers, nothing, { "davit.hold": "stop" }, davit);
  const live = await labelledModule(containers, nothing, { "davit.hold": "live" }, davit);
  const hooked = await labelledModule(
    containers,
    nothing,
    { "davit.hold": "hooks", "davit.exec.hold": "touch /data/held", "davit.exec.release": "rm /data/held" },
    davit,
  );
  await hosts.serve();
  expect((await hosts.agent.tell("hold 30000")).held?.toSorted()).toEqual([paused.module, hooked.module].toSorted());
  expect([await stateOf(paused.id), await stateOf(live.id), await stateOf(hooked.id)]).toEqual([
    "paused",
    "running",
    "running",
  ]);
  expect(await readdir(hooked.source)).toEqual(["held"]);
  expect((await hosts.agent.tell("release")).throughout).toBe(true);
  expect(await stateOf(paused.id)).toBe("running");
  expect(await readdir(hooked.source)).toEqual([]);
});

it("where one can't be held none is, and the agent is told why", async () => {
  const hosts = await LinkedHosts.make();
  const { davit } = hosts;
  const paused = await labelledModule(containers, nothing, {}, davit);
  const broken = await labelledModule(
    containers,
    nothing,
    { "davit.hold": "hooks", "davit.exec.hold": "sh -c 'echo no room >&2; exit 3'" },
    davit,
  );
  await hosts.serve();
  const answer = await hosts.agent.tell("hold 30000");
  expect(answer).toMatchObject({ failed: "failed", message: expect.stringContaining("no room") });
  expect([await stateOf(paused.id), await stateOf(broken.id)]).toEqual(["running", "running"]);
});

it("DAVIT_AGENT_HOLD says which are held", async () => {
  const hosts = await LinkedHosts.make();
  const { davit } = hosts;
  const chosen = await labelledModule(containers, nothing, { "davit.hold": "live" }, davit);
  const other = await labelledModule(containers, nothing, {}, davit);
  davit.environment["DAVIT_AGENT_HOLD"] = chosen.module;
  await hosts.serve();
  expect((await hosts.agent.tell("hold 30000")).held).toEqual([chosen.module]);
  expect([await stateOf(chosen.id), await stateOf(other.id)]).toEqual(["paused", "running"]);
  expect((await hosts.agent.tell("release")).throughout).toBe(true);
});

it("somebody who lets a container go meanwhile is noticed: it was not held all the time", async () => {
  const hosts = await LinkedHosts.make();
  const { id } = await labelledModule(containers, nothing, {}, hosts.davit);
  await hosts.serve();
  expect((await hosts.agent.tell("hold 30000")).held).toHaveLength(1);
  await engine.getContainer(id).unpause();
  expect((await hosts.agent.tell("release")).throughout).toBe(false);
});

it("a module in a run of its own can't be held, which is said in time; its next run waits for a hold", async () => {
  const hosts = await LinkedHosts.make();
  const { davit } = hosts;
  const module = await labelledModule(containers, nothing, {}, davit);
  await hosts.serve();
  // A backup that holds the module itself, stopped in the middle.
  const backup = davit.start("backup", module.module);
  await freezeWhileHeld(backup, module);
  const began = Date.now();
  const answer = await hosts.agent.tell("hold 4000");
  expect(answer).toMatchObject({ failed: "busy", message: expect.stringContaining("busy") });
  expect(answer.at - began).toBeGreaterThan(1900);
  expect(answer.at - began).toBeLessThan(4000);
  backup.kill("SIGCONT");
  await expect.poll(() => backup.exitCode, { timeout: 60_000 }).toBe(0);
  expect((await hosts.agent.tell("hold 60000")).held).toEqual([module.module]);
  const second = davit.start("backup", module.module);
  const locks = async (): Promise<string[]> => readdir(join(davit.state, "locks"));
  await expect.poll(locks, { timeout: 14_000, interval: 20 }).toContain(`${module.module}.wanted`);
  expect(second.exitCode).toBeNull();
  expect(await stateOf(module.id)).toBe("paused");
  expect((await hosts.agent.tell("release")).throughout).toBe(true);
  await expect.poll(() => second.exitCode, { timeout: 60_000 }).toBe(0);
});

it("a sidecar that is killed while it holds is noticed at once, and leaves nothing paused once it is back", async () => {
  const hosts = await LinkedHosts.make();
  const { id } = await labelledModule(containers, nothing, {}, hosts.davit);
  const served = await hosts.serve();
  expect((await hosts.agent.tell("hold 60000")).held).toHaveLength(1);
  const killed = Date.now();
  await served.end("SIGKILL");
  const released = await hosts.agent.tell("release");
  expect(released.throughout).toBe(false);
  expect(released.at - killed).toBeLessThan(3000);
  expect(await stateOf(id)).toBe("paused");
  await hosts.serve();
  await expect.poll(() => stateOf(id)).toBe("running");
  expect(await readdir(join(hosts.davit.state, "ledger"))).toEqual([]);
  expect((await hosts.agent.tell("hold 30000")).held).toHaveLength(1);
  expect((await hosts.agent.tell("release")).throughout).toBe(true);
});

it("a sidecar that is stopped while it holds lets go before it ends", async () => {
  const hosts = await LinkedHosts.make();
  const { id } = await labelledModule(containers, nothing, {}, hosts.davit);
  const served = await hosts.serve();
  expect((await hosts.agent.tell("hold 60000")).held).toHaveLength(1);
  expect(await served.end("SIGTERM")).toBe(0);
  expect(await stateOf(id)).toBe("running");
  expect((await hosts.agent.tell("release")).throughout).toBe(false);
});

it("an agent that is killed while all is held leaves nothing held", async () => {
  const hosts = await LinkedHosts.make();
  const { id } = await labelledModule(containers, nothing, {}, hosts.davit);
  await hosts.serve();
  expect((await hosts.agent.tell("hold 60000")).held).toHaveLength(1);
  const killed = Date.now();
  await hosts.agent.kill();
  await expect.poll(() => stateOf(id), { interval: 10 }).toBe("running");
  expect(Date.now() - killed).toBeLessThan(3000);
  await expect.poll(() => readdir(join(hosts.davit.state, "ledger"))).toEqual([]);
});
