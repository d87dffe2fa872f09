import { access, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { beatMs, silenceMs } from "../../../src/contract/link.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, stateOf } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { LinkedHosts } from "../../fixtures/live/linked-hosts.ts";
import { pausesOf } from "../../fixtures/live/pauses-of.ts";

/*
 * The cable between a machine and its host is cut at each step of a hold. Whatever the step: nothing in the machine stays held past the
 * hold's time, the agent knows by then that it can't count on it, and the next hold is good once the cable is mended.
 */

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

const nothing = async (): Promise<void> => undefined;
/** How much later than its time something may be seen here. */
const slackMs = 1500;

/** Nothing is held any more, of any module. */
async function expectLetGo(hosts: LinkedHosts, { id }: LabelledModule): Promise<void> {
  await expect.poll(() => stateOf(id), { interval: 20 }).toBe("running");
  const ledger = async (): Promise<string[]> => readdir(join(hosts.davit.state, "ledger")).catch(() => []);
  await expect.poll(ledger, { timeout: 5000 }).toEqual([]);
}

/** With the cable mended the link comes up by itself, and all is as before. */
async function expectGoodAgain(hosts: LinkedHosts, module: LabelledModule): Promise<void> {
  await hosts.cable.mend();
  const holdAgain = async () => (await hosts.agent.tell("hold 20000")).held ?? null;
  await expect.poll(holdAgain, { timeout: 120_000 }).toEqual([module.module]);
  expect((await hosts.agent.tell("release")).throughout).toBe(true);
  await expectLetGo(hosts, module);
}

/** A module whose hooks can be seen at work from outside, and wait until they are let go on. */
async function hookedModule(hosts: LinkedHosts): Promise<LabelledModule> {
  const waiting = (name: string): string =>
    `sh -c 'touch /data/${name}; while [ ! -e /data/go-on ]; do sleep 0.05; done; rm /data/${name}'`;
  return labelledModule(
    containers,
    nothing,
    {
      "davit.hold": "hooks",
      "davit.exec.hold": waiting("holding"),
      "davit.exec.release": waiting("releasing"),
    },
    hosts.davit,
  );
}

async function untilThere({ source }: LabelledModule, name: string): Promise<void> {
  await expect
    .poll(
      async () =>
        access(join(source, name)).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
}

describe("the cable cut", () => {
  it("before the agent asks: it is told nothing, and what it asked arrives too late to hold anything", async () => {
    const hosts = await LinkedHosts.make();
    const module = await labelledModule(containers, nothing, {}, hosts.davit);
    await hosts.serve();
    const since = new Date();
    await hosts.cable.cut();
    const asked = Date.now();
    const answer = await hosts.agent.tell("hold 3000");
    expect(answer).toMatchObject({ failed: "unreachable" });
    expect(answer.at - asked).toBeLessThan(3000 + slackMs);
    await hosts.cable.mend();
    await hosts.untilConnected();
    await expectLetGo(hosts, module);
    expect(await pausesOf(module.id, since)).toEqual([]);
    await expectGoodAgain(hosts, module);
  });

  it("while modules are being held: they are let go, and the agent knows at its time", async () => {
    const hosts = await LinkedHosts.make();
    const hooked = await hookedModule(hosts);
    const module = await labelledModule(containers, nothing, {}, hosts.davit);
    await hosts.serve();
    const asked = Date.now();
    const answering = hosts.agent.tell("hold 6000");
    await untilThere(hooked, "holding");
    expect(await stateOf(module.id)).toBe("paused");
    await hosts.cable.cut();
    await writeFile(join(hooked.source, "go-on"), "");
    const answer = await answering;
    expect(answer).toMatchObject({ failed: "unreachable" });
    expect(answer.at - asked).toBeLessThan(6000 + slackMs);
    await expect.poll(() => stateOf(module.id), { timeout: 6000 + slackMs - (Date.now() - asked) }).toBe("running");
    await expectLetGo(hosts, module);
    expect(await readdir(hooked.source)).toEqual(["go-on"]);
  });

  it.each([
    ["its time comes first", 3000, 3000],
    ["the silence is noticed first", 60_000, silenceMs + 2 * beatMs],
  ])("while all is held: the sidecar lets go by itself; %s", async (_, holdMs, latestMs) => {
    const hosts = await LinkedHosts.make();
    const module = await labelledModule(containers, nothing, {}, hosts.davit);
    await hosts.serve();
    const asked = Date.now();
    expect((await hosts.agent.tell(`hold ${holdMs}`)).held).toEqual([module.module]);
    await hosts.cable.cut();
    const cut = Date.now();
    const released = hosts.agent.tell("release");
    await expect.poll(() => stateOf(module.id), { timeout: latestMs + slackMs, interval: 20 }).toBe("running");
    console.log(`let go ${Date.now() - cut} ms after the cut, of a hold of ${holdMs} ms`);
    await expectLetGo(hosts, module);
    const { throughout, at } = await released;
    expect(throughout).toBe(false);
    expect(at - asked).toBeLessThan(latestMs + slackMs);
    await expectGoodAgain(hosts, module);
  });

  it("after all was let go, before the sidecar could say so: the agent does not count on it", async () => {
    const hosts = await LinkedHosts.make();
    const hooked = await hookedModule(hosts);
    await hosts.serve();
    await writeFile(join(hooked.source, "go-on"), "");
    const asked = Date.now();
    expect((await hosts.agent.tell("hold 8000")).held).toEqual([hooked.module]);
    // From here on the release hook waits.
    await rm(join(hooked.source, "go-on"));
    const releasing = hosts.agent.tell("release");
    await untilThere(hooked, "releasing");
    await hosts.cable.cut();
    await writeFile(join(hooked.source, "go-on"), "");
    const { throughout, at } = await releasing;
    expect(throughout).toBe(false);
    expect(at - asked).toBeLessThan(8000 + slackMs);
    await expectLetGo(hosts, hooked);
    await expectGoodAgain(hosts, hooked);
  });

  it("and mended while all is held, quicker than anybody notices, does no harm", async () => {
    const hosts = await LinkedHosts.make();
    const module = await labelledModule(containers, nothing, {}, hosts.davit);
    await hosts.serve();
    expect((await hosts.agent.tell("hold 30000")).held).toEqual([module.module]);
    await hosts.cable.cut();
    await hosts.cable.mend();
    expect((await hosts.agent.tell("release")).throughout).toBe(true);
    await expectLetGo(hosts, module);
  });
});
