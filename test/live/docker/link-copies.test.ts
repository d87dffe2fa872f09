import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { backupRow } from "../../../src/contract/api.ts";
import { runSummary } from "../../../src/contract/run-event.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers } from "../../fixtures/live/engine.ts";
import { labelledModule } from "../../fixtures/live/labelled-module.ts";
import { LinkedHosts } from "../../fixtures/live/linked-hosts.ts";
import { runTool } from "../../fixtures/run-tool.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

const noise = (mebibytes: number) => async (source: string) =>
  void (await runTool(
    "dd",
    "if=/dev/urandom",
    `of=${join(source, "noise")}`,
    "bs=1M",
    `count=${mebibytes}`,
    "status=none",
  ));

/** The folder of a module's copies. */
async function copiesOf({ copies }: LinkedHosts, module: string): Promise<string> {
  const [host = "none"] = await readdir(copies);
  return join(copies, host, module);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

it("a new backup is on the host soon after it was sealed, whole, and its evidence says so; another module's is not", async () => {
  const hosts = await LinkedHosts.make();
  const { davit } = hosts;
  const wanted = await labelledModule(
    containers,
    noise(5),
    { "davit.copy": "agent", "davit.schedule": "* * * * *" },
    davit,
  );
  const other = await labelledModule(containers, noise(1), {}, davit);
  expect((await davit.run("backup", other.module)).code).toBe(0);
  await hosts.serve();
  const sealed = async () => (await namesIn(await copiesOf(hosts, wanted.module))).find((one) => /^\d/u.test(one));
  await expect.poll(sealed, { timeout: 180_000, interval: 200 }).toBeDefined();
  const time = (await sealed()) ?? "";
  const copy = join(await copiesOf(hosts, wanted.module), time);
  await runTool("sh", "-c", `cd '${copy}' && sha256sum -c --strict SHA256SUMS`);
  const evidence = async () => {
    const rows = z.array(backupRow).parse(await davit.json("list", wanted.module));
    return rows.find((one) => one.time === time)?.evidence;
  };
  await expect.poll(evidence, { timeout: 20_000 }).toMatchObject([{ kind: "copied", ok: true }]);
  // Back in the vault it is a backup as any other.
  const lost = join(davit.vault, wanted.module, time);
  await rm(lost, { recursive: true });
  await runTool("cp", "-a", copy, lost);
  expect(await davit.run("verify", `${wanted.module}/${time}`)).toMatchObject({ code: 0, stderr: "" });
  expect(await namesIn(await copiesOf(hosts, other.module))).toEqual([]);
});

it("a copy that was cut off goes on where it was, once the cable is mended", async () => {
  const hosts = await LinkedHosts.make({ DAVIT_AGENT_COPIES: "true" });
  const { davit } = hosts;
  const { module } = await labelledModule(containers, noise(300), { "davit.compression": "none" }, davit);
  expect((await davit.run("backup", module)).code).toBe(0);
  await hosts.serve();
  /** How much of the archive has arrived. */
  const arrived = async (): Promise<number> => {
    const folder = await copiesOf(hosts, module);
    const partial = (await namesIn(folder)).find((one) => one.endsWith(".partial")) ?? "none";
    return (await stat(join(folder, partial, `${module}.tar`)).catch(() => ({ size: 0 }))).size;
  };
  await expect.poll(arrived, { timeout: 120_000, interval: 2 }).toBeGreaterThan(0);
  await hosts.agent.whileStopped(() => hosts.cable.cut());
  const runs = async () => {
    const all = z.array(runSummary).parse(await davit.json("runs", module));
    return all.filter((one) => one.kind === "copy").map((one) => one.outcome);
  };
  await expect.poll(runs, { timeout: 180_000, interval: 500 }).toContain("failed");
  const there = await arrived();
  expect(there).toBeGreaterThan(0);
  expect(there).toBeLessThan(300 * 1024 * 1024);
  await hosts.cable.mend();
  // It is tried again and again meanwhile.
  await expect.poll(async () => (await runs())[0], { timeout: 180_000, interval: 500 }).toBe("ok");
  expect((await runs()).slice(1)).not.toContain("ok");
  const [time = ""] = await namesIn(await copiesOf(hosts, module));
  await runTool("sh", "-c", `cd '${join(await copiesOf(hosts, module), time)}' && sha256sum -c --strict SHA256SUMS`);
  console.log(`cut off after ${Math.round(there / 1024 / 1024)} MiB of 300`);
});
