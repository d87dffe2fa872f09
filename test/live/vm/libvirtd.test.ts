import { stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import { atStage } from "../../fixtures/live/vm/at-stage.ts";
import { backUp, folderOf } from "../../fixtures/live/vm/points-of.ts";
import { privateLibvirt } from "../../fixtures/live/vm/private-libvirt.ts";
import { standIn } from "../../fixtures/live/vm/stand-in.ts";
import { startBareMachine } from "../../fixtures/live/vm/start-bare-machine.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { rejection } from "../../fixtures/rejection.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const disks = { vda: { format: "qcow2", mebibytes: 256 } } as const;

describe("a libvirtd that is killed", () => {
  it("while a backup is written, and started again: the backup goes on and is good", async () => {
    const { libvirt, machine, host, name } = await scene();
    await machine.write("vda", { kib: 0, size: 64 * 1024, byte: 1 });
    await backUp(host, name, "full");
    await machine.write("vda", { kib: 0, size: 64 * 1024, byte: 2 });
    const qemu = await libvirt.processOf(name);
    const request = testRequest();
    const restarts: Promise<void>[] = [];
    const point = await backUpMachine(host, name, {
      ...atStage("copy", request, () => {
        // So that the job does not end before libvirtd does.
        process.kill(qemu, "SIGSTOP");
        const restart = async (): Promise<void> => {
          await libvirt.kill();
          try {
            const told = expect.stringContaining("libvirt does not answer");
            await expect.poll(() => request.warnings, { timeout: 30_000 }).toContainEqual(told);
          } finally {
            process.kill(qemu, "SIGCONT");
            await libvirt.start();
          }
        };
        restarts.push(restart());
      }),
      type: "incremental",
    });
    await Promise.all(restarts);
    expect(point.type).toBe("incremental");
    await machine.compare(folderOf(host, point), ["vda"]);
    const next = await backUp(host, name, "incremental");
    expect(next.parent).toBe(point.time);
    await machine.compare(folderOf(host, next), ["vda"]);
  });

  it("while a machine is paused: it is resumed as soon as libvirtd is there again", async () => {
    const { libvirt, machine, host, name } = await scene();
    const full = await backUp(host, name, "full");
    const killed = `${host.config.scratch}/killed`;
    const takeAway = await standIn(
      "virsh",
      `if [[ "$last" == *backup-begin* ]]; then real -c "$2" suspend ${name}; touch ${killed}; sleep infinity; fi; real "$@"`,
    );
    const failing = rejection(backUp(host, name, "incremental"));
    await expect.poll(() => stat(killed).catch(() => null), { timeout: 30_000 }).not.toBeNull();
    expect(await machine.state()).toBe("paused");
    await libvirt.kill();
    takeAway();
    expect(await host.stillness.list()).toEqual([name]);
    await libvirt.start();
    const failure = await failing;
    expect(failure.message).toBe("virsh did not end within 15 s and was stopped");
    expect(await machine.state()).toBe("running");
    expect(await host.stillness.list()).toEqual([]);
    expect(await host.vault.partials(name)).toEqual([]);
    const next = await backUp(host, name, "incremental");
    expect(next.parent).toBe(full.time);
    await machine.compare(folderOf(host, next), ["vda"]);
  });

  it("before a backup: it is said what to look at, and nothing is left", async () => {
    const { libvirt, host, name } = await scene();
    await libvirt.kill();
    const failure = await rejection(backUp(host, name, "full"));
    expect(failure.kind).toBe("unreachable");
    expect(failure.message).toContain(`libvirt at ${libvirt.uri} does not answer`);
    expect(failure.hint).toContain("systemctl status libvirtd");
    expect(await host.vault.list(name)).toEqual([]);
    await libvirt.start();
    expect((await backUp(host, name, "full")).type).toBe("full");
  });
});

async function scene() {
  const libvirt = await privateLibvirt();
  const folder = await scratchFolder();
  const name = "davit-libvirtd";
  const machine = await startBareMachine({ name, folder, disks, uri: libvirt.uri });
  const host = await openTestHost(folder, { [name]: { uri: libvirt.uri } });
  return { libvirt, machine, host, name };
}
