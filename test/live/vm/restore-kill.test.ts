import { spawn } from "node:child_process";
import { copyFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { recoverHost } from "../../../src/flow/machine/recover-host.ts";
import { undoMachineRestore } from "../../../src/flow/machine/undo-restore.ts";
import { finished } from "../../fixtures/davit-program.ts";
import { domainXml } from "../../fixtures/guest/domain-xml.ts";
import { removeDomain, virsh } from "../../fixtures/guest/start-guest.ts";
import { contentOf, makePoints } from "../../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const domain = "davit-restore-kill";
const program = fileURLToPath(new URL("../../fixtures/restore-program.ts", import.meta.url));

it("a restore in place leaves both old disks or both new ones, wherever it is killed", async () => {
  const folder = await scratchFolder();
  const images = join(folder, "images");
  await runTool("mkdir", images);
  const disks = { vda: join(images, "a.qcow2"), vdb: join(images, "b.qcow2") };
  const xml = join(folder, "domain.xml");
  const text = domainXml({ name: domain, disks, serial: "/dev/null", firmware: "bios", bus: "virtio", folder });
  await writeFile(xml, text);
  onTestFinished(() => removeDomain(domain));
  await virsh("define", xml);
  const saved = await virsh("dumpxml", "--inactive", domain);
  let host = await openTestHost(folder, { vm: { domain } });
  const [point] = await makePoints(host.config.vault, { count: 1, disks: ["vda", "vdb"], xml: saved });
  if (point === undefined) throw new Error("no point was made");
  const old = join(folder, "old.qcow2");
  await runTool("qemu-img", "create", "-q", "-f", "qcow2", old, "4M");
  const oldContent = await contentOf(old);

  const ends = new Set<string>();
  let ended = false;
  for (let step = 1; !ended; step++) {
    await rm(images, { recursive: true });
    await runTool("mkdir", "-m", "711", images);
    for (const file of Object.values(disks)) await copyFile(old, file);
    const child = spawn(process.execPath, [program, folder, domain, point.id, String(step)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { code, stderr } = await finished(child);
    expect({ code, stderr }).toEqual({ code: code === null ? null : 0, stderr: code === null ? stderr : "" });
    ended = code === 0;
    host = await openTestHost(folder, { vm: { domain } });
    await recoverHost(host, { warning: () => undefined });
    expect(await host.diskRestores.list()).toEqual([]);
    const state = async (): Promise<unknown> => ({
      disks: await Promise.all([contentOf(disks.vda), contentOf(disks.vdb)]),
      besides: (await readdir(images)).filter((name) => name.startsWith(".")).length,
    });
    const before = { disks: [oldContent, oldContent], besides: 0 };
    const after = { disks: [point.contents["vda"], point.contents["vdb"]], besides: 2 };
    const found = await state();
    expect([before, after]).toContainEqual(found);
    const isNew = (await host.diskRestores.last("vm")) !== null;
    expect(found).toEqual(isNew ? after : before);
    ends.add(isNew ? "new" : "old");
    // What is new can be taken back.
    if (isNew) await undoMachineRestore(host, "vm", testRequest());
    expect(await contentOf(disks.vda)).toBe(oldContent);
    await rm(join(folder, "state", "disk-restores"), { recursive: true, force: true });
    expect(step).toBeLessThan(40);
  }
  expect([...ends].toSorted()).toEqual(["new", "old"]);
});
