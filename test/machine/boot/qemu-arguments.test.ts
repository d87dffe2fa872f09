import { describe, expect, it } from "vitest";
import type { BootMachine } from "../../../src/machine/boot/boot-order.ts";
import { qemuArguments } from "../../../src/machine/boot/qemu-arguments.ts";

const plain: BootMachine = {
  type: "pc",
  firmware: null,
  memoryMiB: 512,
  cpus: 2,
  localTime: false,
  expectsAgent: true,
  disks: [{ target: "vda", bus: "virtio", chain: ["/b", "/a"], virtualBytes: 1, serial: null }],
};
const place = {
  folder: "/scratch/a,b",
  type: "pc",
  accelerator: "tcg" as const,
  descriptor: (file: string) => file.charCodeAt(1),
};

/** The options that stand after one of that name. */
function all(words: readonly string[], name: string): string[] {
  return words.flatMap((word, index) => (words[index - 1] === name ? [word] : []));
}

describe("QEMU's arguments in a drill", () => {
  it("give it no network, no display, no configuration, and none of the backup's names", () => {
    const words = qemuArguments(plain, place);
    for (const word of ["-no-user-config", "-nodefaults", "-no-reboot"]) expect(words).toContain(word);
    expect(all(words, "-nic")).toEqual(["none"]);
    expect(all(words, "-display")).toEqual(["none"]);
    expect(all(words, "-sandbox")[0]).toMatch(/^on,.*spawn=deny/u);
    expect(words.join(" ")).not.toMatch(/netdev|"\/[ab]"/u);
    expect(all(words, "-qmp")).toEqual(["unix:/scratch/a,,b/qmp.sock,server=on,wait=off"]);
  });

  it("build each file on the one below it, for reading, and the overlay on the point", () => {
    const nodes = all(qemuArguments(plain, place), "-blockdev").map((word): unknown => JSON.parse(word));
    expect(nodes).toEqual([
      { driver: "file", "node-name": "disk0-1-file", filename: "/dev/fdset/97", "read-only": true, locking: "off" },
      { driver: "qcow2", "node-name": "disk0-1", file: "disk0-1-file", "read-only": true, backing: null },
      { driver: "file", "node-name": "disk0-0-file", filename: "/dev/fdset/98", "read-only": true, locking: "off" },
      { driver: "qcow2", "node-name": "disk0-0", file: "disk0-0-file", "read-only": true, backing: "disk0-1" },
      { driver: "file", "node-name": "disk0-file", filename: "/scratch/a,b/vda.qcow2" },
      {
        driver: "qcow2",
        "node-name": "disk0",
        file: "disk0-file",
        backing: "disk0-0",
        discard: "unmap",
        cache: { "no-flush": true },
      },
    ]);
  });
});
