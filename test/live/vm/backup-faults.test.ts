import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Failure } from "../../../src/failure/failure.ts";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import type { Host } from "../../../src/flow/machine/host.ts";
import { atStage } from "../../fixtures/live/vm/at-stage.ts";
import { backUp, folderOf } from "../../fixtures/live/vm/points-of.ts";
import { standIn } from "../../fixtures/live/vm/stand-in.ts";
import { type BareMachine, startBareMachine } from "../../fixtures/live/vm/start-bare-machine.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { rejection } from "../../fixtures/rejection.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const disks = { vda: { format: "qcow2", mebibytes: 256 } } as const;

describe("after a fault the machine runs, earlier points are whole, and the next backup is good:", () => {
  it("the vault is full before", async () => {
    const { machine, host, resize } = await scene("full-before", 40);
    await machine.write("vda", { kib: 0, size: 48 * 1024, byte: 1 });
    const failure = await failed(host, machine, "full");
    expect(failure.kind).toBe("storage");
    expect(failure.message).toMatch(/vault has 4\d MiB left, and the backup takes up to 64 MiB$/u);
    expect(failure.hint).toContain("free some space");
    await resize(200);
    await expectGood(host, machine, "full");
  });

  it("the vault gets full while an increment is written", async () => {
    const { machine, host, resize } = await scene("full-during", 100);
    await machine.write("vda", { kib: 0, size: 1024, byte: 1 });
    const full = await backUp(host, machine.name, "full");
    await machine.write("vda", { kib: 1024, size: 120 * 1024, byte: 2 });
    const failure = await failed(host, machine, "incremental");
    expect(failure.kind).toBe("storage");
    expect(failure.message).toContain("No space left on device");
    expect(failure.hint).toContain("the vault is full");
    await expectOnly(host, machine, [full.time]);
    await resize(300);
    // What was written before the failure counts from the checkpoint before.
    await machine.write("vda", { kib: 1024, size: 64, byte: 3 });
    await expectGood(host, machine, "incremental");
  });

  it("virsh hangs while the machine is paused", async () => {
    const { machine, host } = await scene("hangs", 200);
    const full = await backUp(host, machine.name, "full");
    const takeAway = await standIn(
      "virsh",
      `if [[ "$last" == *backup-begin* ]]; then real -c "$2" suspend ${machine.name}; sleep 1000; fi; real "$@"`,
    );
    const failure = await failed(host, machine, "incremental");
    expect(failure.message).toBe("virsh did not end within 15 s and was stopped");
    expect(failure.hint).toContain("systemctl restart libvirtd");
    takeAway();
    await expectOnly(host, machine, [full.time]);
    await expectGood(host, machine, "incremental");
  });

  it("QEMU is killed while a backup is written, and its bitmaps are broken then", async () => {
    const { machine, host } = await scene("killed", 300);
    await machine.write("vda", { kib: 0, size: 64 * 1024, byte: 1 });
    const full = await backUp(host, machine.name, "full");
    const qemu = Number(await readFile(`/run/libvirt/qemu/${machine.name}.pid`, "utf8"));
    const request = atStage("copy", testRequest(), () => process.kill(qemu, "SIGKILL"));
    await machine.write("vda", { kib: 0, size: 64 * 1024, byte: 2 });
    const failure = await rejection(backUpMachine(host, machine.name, { ...request, type: "incremental" }));
    expect(failure.message).toMatch(/^the backup did not end well: .*the machine ended/u);
    expect(await machine.state()).toBe("shut off");
    await machine.virsh("start", machine.name);
    await expectOnly(host, machine, [full.time]);
    const next = await expectGood(host, machine, "incremental");
    expect(next.type).toBe("full");
    expect(next.fallback).toMatch(/bitmap/u);
    expect((await expectGood(host, machine, "incremental")).type).toBe("incremental");
  });

  it("a bitmap is lost", async () => {
    const { machine, host } = await scene("bitmap", 200);
    const full = await backUp(host, machine.name, "full");
    await machine.virsh("destroy", machine.name);
    await runTool("qemu-img", "bitmap", "--remove", machine.file("vda"), full.checkpoint ?? "");
    await machine.virsh("start", machine.name);
    const next = await expectGood(host, machine, "incremental");
    expect(next).toMatchObject({ type: "full", fallback: expect.stringContaining("missing or broken bitmap") });
    expect((await expectGood(host, machine, "incremental")).type).toBe("incremental");
  });

  it("libvirt has forgotten the checkpoint", async () => {
    const { machine, host } = await scene("forgotten", 200);
    const full = await backUp(host, machine.name, "full");
    await machine.virsh("checkpoint-delete", machine.name, full.checkpoint ?? "", "--metadata");
    const next = await expectGood(host, machine, "incremental");
    expect(next.type).toBe("full");
    expect(next.fallback).toBe(`libvirt has no checkpoint ${full.checkpoint} any more`);
    expect((await expectGood(host, machine, "incremental")).type).toBe("incremental");
  });

  it("a backup is cancelled while it is written", async () => {
    const { machine, host } = await scene("cancelled", 300);
    await machine.write("vda", { kib: 0, size: 64 * 1024, byte: 1 });
    const full = await backUp(host, machine.name, "full");
    await machine.write("vda", { kib: 0, size: 64 * 1024, byte: 2 });
    const cancel = new AbortController();
    const request = atStage("copy", testRequest(cancel.signal), () => cancel.abort());
    const failure = await rejection(backUpMachine(host, machine.name, { ...request, type: "incremental" }));
    expect(failure.kind).toBe("cancelled");
    await expectOnly(host, machine, [full.time]);
    expect((await expectGood(host, machine, "incremental")).type).toBe("incremental");
  });
});

interface Scene {
  machine: BareMachine;
  host: Host;
  /** Gives the vault another size, in MiB. */
  resize(mebibytes: number): Promise<void>;
}

/** A machine, and a vault of a size of its own. */
async function scene(what: string, mebibytes: number): Promise<Scene> {
  const folder = await scratchFolder();
  const name = `davit-fault-${what}`;
  const host = await openTestHost(folder, { [name]: {} });
  const { vault } = host.config;
  await runTool("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m,mode=711`, "davit-test", vault);
  onTestFinished(async () => {
    await runTool("umount", "--lazy", vault);
  });
  // Afterwards, since QEMU has a view of its own of what is mounted.
  const machine = await startBareMachine({ name, folder, disks });
  const resize = async (more: number): Promise<void> => {
    await runTool("mount", "-o", `remount,size=${more}m`, vault);
  };
  return { machine, host, resize };
}

async function failed(host: Host, machine: BareMachine, type: "full" | "incremental"): Promise<Failure> {
  return rejection(backUp(host, machine.name, type));
}

/** Of the machine there are those points and nothing else, no job goes on, it runs, and nobody thinks that it stands still. */
async function expectOnly(host: Host, machine: BareMachine, times: readonly string[]): Promise<void> {
  const points = await host.vault.list(machine.name);
  expect(points.map(({ time, problem }) => ({ time, problem }))).toEqual(
    times.map((time) => ({ time, problem: null })),
  );
  expect(await host.vault.partials(machine.name)).toEqual([]);
  expect(await machine.state()).toBe("running");
  expect(await machine.virsh("domjobinfo", machine.name)).toMatch(/Job type:\s+None/u);
  expect(await host.stillness.list()).toEqual([]);
  for (const point of points) {
    const folder = join(host.config.vault, point.id);
    await runTool("env", "-C", folder, "sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS");
  }
}

async function expectGood(host: Host, machine: BareMachine, type: "full" | "incremental") {
  const point = await backUp(host, machine.name, type);
  await machine.compare(folderOf(host, point), ["vda"]);
  expect(await machine.virsh("checkpoint-list", machine.name, "--name")).toBe(`${point.checkpoint}\n`);
  expect((await host.vault.list(machine.name)).map((one) => one.problem).filter((one) => one !== null)).toEqual([]);
  return point;
}
