import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { backupList } from "../../../src/contract/api.ts";
import type { RunSummary } from "../../../src/contract/run-event.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { runTool } from "../../fixtures/run-tool.ts";

const containers = new Containers();
const password = "correct horse battery";
/** Some five seconds: what was sealed before that is verified. */
const soon = "0.00006";

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

async function noise(source: string): Promise<void> {
  await runTool("dd", "if=/dev/urandom", `of=${join(source, "noise")}`, "bs=1M", "count=3", "status=none");
}

async function served({ davit }: LabelledModule, settings: Record<string, string>): Promise<ServedDavit> {
  Object.assign(davit.environment, { DAVIT_PASSWORD: password, ...settings });
  const server = await ServedDavit.over(davit);
  await server.signIn(password);
  return server;
}

async function newestVerification(server: ServedDavit, module: string): Promise<RunSummary | undefined> {
  return (await server.runsOf(module)).find(({ kind, trigger }) => kind === "verify" && trigger === "schedule");
}

async function evidenceOf(server: ServedDavit, module: string) {
  const { backups } = await server.get(`/api/v1/backups?module=${module}`, backupList);
  return backups.at(-1)?.evidence ?? [];
}

it("a served Davit verifies backups by itself, and tells of one that is damaged", async () => {
  const scene = await labelledModule(containers, noise);
  const { davit, module } = scene;
  expect(await davit.run("backup", module)).toMatchObject({ code: 0 });
  const server = await served(scene, { DAVIT_VERIFY_DAYS: soon });
  await expect
    .poll(() => newestVerification(server, module), { timeout: 100_000 })
    .toMatchObject({ outcome: "ok", backup: expect.stringContaining(module) });
  expect((await evidenceOf(server, module))[0]).toMatchObject({ kind: "verified", ok: true });

  const { backups } = await server.get(`/api/v1/backups?module=${module}`, backupList);
  const archive = await open(join(davit.vault, backups[0]?.id ?? "", `${module}.tar.gz`), "r+");
  await archive.write("damaged", 100_000);
  await archive.close();
  await expect
    .poll(() => newestVerification(server, module), { timeout: 100_000 })
    .toMatchObject({ outcome: "failed", failure: { kind: "damaged" } });
  expect((await evidenceOf(server, module)).at(-1)).toMatchObject({ kind: "verified", ok: false });
  expect((await davit.run("list", module)).stdout).toContain("NOT verified");
});

it("a verification that goes on lets a backup pass, whoever starts it, and says nothing against its backup", async () => {
  const scene = await labelledModule(containers, noise);
  const { davit, module, source } = scene;
  expect(await davit.run("backup", module)).toMatchObject({ code: 0 });
  const server = await served(scene, { DAVIT_VERIFY_DAYS: soon, DAVIT_VERIFY_RATE: "20k" });
  const goesOn = async (): Promise<void> => {
    await expect
      .poll(() => newestVerification(server, module), { timeout: 150_000 })
      .toMatchObject({ outcome: null, stage: "verify" });
  };
  await goesOn();
  await writeFile(join(source, "more"), "more");
  await server.finish(`/api/v1/modules/${module}/backup`);
  expect(await newestVerification(server, module)).toMatchObject({
    outcome: "cancelled",
    failure: { message: `gave way to another run of ${module}` },
  });
  // It is taken up again, and gives way to another process as well.
  await goesOn();
  expect(await davit.run("backup", module)).toMatchObject({ code: 0, stderr: "" });
  expect(await newestVerification(server, module)).toMatchObject({ outcome: "cancelled" });
  expect(await evidenceOf(server, module)).toEqual([]);
  await goesOn();
  expect(await server.end("SIGTERM")).toBe(0);
  expect(await davit.json("runs", module, "--limit", "1")).toMatchObject([{ kind: "verify", outcome: "cancelled" }]);
});
