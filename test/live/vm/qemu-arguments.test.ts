import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { BootMachine } from "../../../src/machine/boot/boot-order.ts";
import { overlayFile, qemuArguments } from "../../../src/machine/boot/qemu-arguments.ts";
import { finished } from "../../fixtures/davit-program.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

it.each(["pc", "q35"])("QEMU takes a drill's arguments for a %s with disks on every bus", async (type) => {
  const folder = await scratchFolder();
  const base = join(folder, "base.qcow2");
  await runTool("qemu-img", "create", "-q", "-f", "qcow2", base, "1M");
  const disks: BootMachine["disks"] = (["virtio", "scsi", "sata", "ide", "usb", "scsi", "sata", "ide"] as const).map(
    (bus, index) => ({ target: `d${index}`, bus, chain: [base], virtualBytes: 1024 * 1024, serial: `a,b=${index}` }),
  );
  for (const { target } of disks)
    await runTool("qemu-img", "create", "-q", "-f", "qcow2", overlayFile(folder, target), "1M");
  const machine = { type, firmware: null, memoryMiB: 64, cpus: 1, localTime: true, expectsAgent: true, disks };
  const words = qemuArguments(machine, { folder, type, accelerator: "tcg", descriptor: () => 3 });
  // A person's monitor in place of QMP, and the machine does not run.
  const asked = [
    ...words.filter((word, index) => word !== "-qmp" && words[index - 1] !== "-qmp"),
    "-S",
    "-monitor",
    "stdio",
  ];
  const handle = await open(base, "r");
  const qemu = spawn("qemu-system-x86_64", asked, { stdio: ["pipe", "pipe", "pipe", handle.fd] });
  const [stdin] = qemu.stdio;
  stdin?.end("info block\nquit\n");
  const { stdout, stderr, code } = await finished(qemu);
  await handle.close();
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  for (const [index] of disks.entries()) expect(stdout).toMatch(new RegExp(`disk${index}.*\\(qcow2\\)`, "u"));
});
