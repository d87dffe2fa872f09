import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import { standIn } from "../../fixtures/live/vm/stand-in.ts";
import { backUp, folderOf } from "../../fixtures/live/vm/points-of.ts";
import { startBareMachine } from "../../fixtures/live/vm/start-bare-machine.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const disks = { vda: { format: "qcow2", mebibytes: 64 }, vdb: { format: "raw", mebibytes: 16 } } as const;
const targets = ["vda", "vdb"];

describe("a machine that is shut off", () => {
  it.each([false, true])(
    "is backed up, and the chain goes on through its starts and ends (compressed: %s)",
    async (compress) => {
      const folder = await scratchFolder();
      const name = `davit-off-${compress}`;
      const machine = await startBareMachine({ name, folder, disks });
      const host = await openTestHost(folder, { [name]: { compress } });
      await machine.write("vda", { kib: 0, size: 4096, byte: 1 });
      await machine.write("vdb", { kib: 0, size: 512, byte: 1 });
      await machine.virsh("destroy", name);

      const full = await backUp(host, name, "full");
      expect(full).toMatchObject({ type: "full", quiesce: { used: ["off"], ms: null } });
      await machine.compare(folderOf(host, full), targets);

      // What is written while it is off is found as well.
      await runTool("qemu-io", "-f", "qcow2", "-c", "write -P 9 8M 128k", machine.file("vda"));
      const off = await backUp(host, name, "incremental");
      expect(off).toMatchObject({ type: "incremental", parent: full.time });
      expect(off.disks.map((disk) => disk.type)).toEqual(["incremental", "incremental"]);
      await machine.compare(folderOf(host, off), targets);
      expect((await stat(join(folderOf(host, off), "vda.qcow2"))).size).toBeLessThan(1024 * 1024);

      await machine.virsh("start", name);
      await machine.write("vda", { kib: 16 * 1024, size: 256, byte: 2 });
      const on = await backUp(host, name, "incremental");
      expect(on).toMatchObject({ type: "incremental", parent: off.time });
      expect(on.disks.map((disk) => disk.type)).toEqual(["incremental", "full"]);
      await machine.compare(folderOf(host, on), targets);
      expect((await stat(join(folderOf(host, on), "vda.qcow2"))).size).toBeLessThan(1024 * 1024);

      await machine.write("vda", { kib: 20 * 1024, size: 256, byte: 3 });
      await machine.virsh("destroy", name);
      const last = await backUp(host, name, "incremental");
      expect(last).toMatchObject({ type: "incremental", parent: on.time });
      await machine.compare(folderOf(host, last), targets);
      expect(await machine.state()).toBe("shut off");
      expect(await machine.virsh("checkpoint-list", name, "--name")).toBe(`${last.checkpoint}\n`);
    },
  );

  it("is taken anew, as one that runs, where it is started while it is copied; and nothing hinders its start", async () => {
    const folder = await scratchFolder();
    const name = "davit-off-started";
    const machine = await startBareMachine({ name, folder, disks, state: "define" });
    const host = await openTestHost(folder, { [name]: {} });
    const started = join(folder, "started");
    await standIn(
      "qemu-img",
      `if [[ "$1" = convert && ! -e ${started} ]]; then
        touch ${started}
        virsh -c qemu:///system start ${name} >&2 || exit 1
        # Long enough to be found out.
        sleep 20
      fi
      real "$@"`,
    );
    const request = testRequest();
    const point = await backUpMachine(host, name, { ...request, type: "full" });
    expect(await machine.state()).toBe("running");
    expect(point.quiesce.used).toEqual(["pause"]);
    expect(request.stages.filter((one) => one === "discover")).toHaveLength(2);
    await machine.compare(folderOf(host, point), targets);
    expect(await machine.virsh("checkpoint-list", name, "--name")).toBe(`${point.checkpoint}\n`);
    expect(await host.vault.list(name)).toMatchObject([{ problem: null }]);
    await machine.write("vda", { kib: 0, size: 64, byte: 8 });
    const next = await backUp(host, name, "incremental");
    expect(next.type).toBe("incremental");
    await machine.compare(folderOf(host, next), targets);
    expect(await readFile(started, "utf8")).toBe("");
  });
});
