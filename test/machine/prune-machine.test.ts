import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { MachineSettings } from "../../src/contract/machine.ts";
import type { Host } from "../../src/flow/machine/host.ts";
import { previewMachinePrune, pruneMachine } from "../../src/flow/machine/prune-machine.ts";
import { verifyPoint } from "../../src/flow/machine/verify-point.ts";
import { makePoints } from "../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../fixtures/open-test-host.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const chains = ["20261101T020000Z", "20261108T020000Z", "20261115T020000Z"];

async function scene(settings: Partial<MachineSettings>): Promise<Host> {
  const host = await openTestHost(await scratchFolder(), { vm: settings });
  for (const chain of chains) await makePoints(host.config.vault, { chain, count: 3, bytes: 4 * 1024 ** 2 });
  return { ...host, now: () => new Date("2026-11-20T00:00:00Z") };
}

const chainsOf = async (host: Host): Promise<string[]> => (await readdir(join(host.config.vault, "vm"))).toSorted();

describe("rotation of a machine's points", () => {
  it("removes nothing before a newer chain is verified, then whole chains", async () => {
    const host = await scene({ keep: { last: 1 } });
    const { decisions } = await pruneMachine(host, "vm", testRequest());
    expect(decisions.filter(({ keep }) => !keep)).toEqual([]);
    expect(decisions.at(-1)?.reason).toBe("no newer chain is verified yet");
    expect(await chainsOf(host)).toEqual(chains);

    await verifyPoint(host, "vm@latest", testRequest());
    const preview = await previewMachinePrune(host, "vm");
    expect(preview.decisions.filter(({ keep }) => !keep)).toHaveLength(6);
    expect(await host.vault.list("vm")).toHaveLength(9);

    const request = testRequest();
    expect(await pruneMachine(host, "vm", request)).toEqual(preview);
    expect(request.warnings).toEqual([]);
    expect(await chainsOf(host)).toEqual(["20261115T020000Z"]);
    expect(await host.vault.list("vm")).toHaveLength(3);
  });

  it("rolls up what is kept, in every chain, and leaves alone what goes", async () => {
    const host = await scene({ keep: { last: 2 }, rollUp: 1 });
    await verifyPoint(host, "vm@latest", testRequest());
    const { rolledUp } = await pruneMachine(host, "vm", testRequest());
    expect(rolledUp.map(({ point }) => point)).toEqual([
      "vm/20261115T020000Z/20261116T020000Z",
      "vm/20261108T020000Z/20261109T020000Z",
    ]);
    expect(await chainsOf(host)).toEqual(chains.slice(1));
    for (const { id, problem } of await host.vault.list("vm")) {
      expect(problem).toBeNull();
      await verifyPoint(host, id, testRequest());
    }
    expect(await host.vault.list("vm")).toHaveLength(4);
  });

  it("does not remove a point that another builds on, whoever asks", async () => {
    const host = await scene({});
    await expect(host.vault.remove(`vm/${chains[0]}/${chains[0]}`)).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining("builds on it"),
    });
  });

  it("ends where it is cancelled", async () => {
    const host = await scene({ keep: { last: 1 }, rollUp: 1 });
    await verifyPoint(host, "vm@latest", testRequest());
    await expect(pruneMachine(host, "vm", testRequest(AbortSignal.abort()))).rejects.toMatchObject({
      kind: "cancelled",
    });
    expect(await host.vault.list("vm")).toHaveLength(9);
  });
});
