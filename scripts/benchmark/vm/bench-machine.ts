import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../run-program.ts";

/** A machine with one disk and no system in it, in which the benchmark writes as a guest would. */
export interface BenchMachine {
  name: string;
  disk: string;
  /** Where the methods put what they make. */
  results: string;
  /** Writes noise at places of its own choice, in pieces of 4 MiB, that many MiB in all. */
  write(mebibytes: number): Promise<void>;
  virsh(...words: string[]): Promise<string>;
  remove(): Promise<void>;
}

const pieceMiB = 4;
const name = "davit-bench";

/** A disk of that size, half of it noise, which is what a compressed file system looks like from outside. */
export async function makeBenchDisk(dir: string, mebibytes: number, signal: AbortSignal): Promise<string> {
  const raw = join(dir, "content.raw");
  const disk = join(dir, `content-${mebibytes}.qcow2`);
  const dd = ["dd", "if=/dev/urandom", `of=${raw}`, "bs=1M", `count=${mebibytes / 2}`, "status=none"];
  await runProgram(dd, { signal });
  await runProgram(["truncate", "-s", `${mebibytes}M`, raw], { signal });
  await runProgram(["qemu-img", "convert", "-O", "qcow2", raw, disk], { signal });
  rmSync(raw);
  return disk;
}

/** Starts it with a copy of a disk. */
export async function startBenchMachine(dir: string, content: string, signal: AbortSignal): Promise<BenchMachine> {
  const disk = join(dir, "disk.qcow2");
  const noise = join(dir, "noise");
  const results = join(dir, "results");
  const virsh = async (...words: string[]): Promise<string> =>
    runProgram(["virsh", "-q", "-c", "qemu:///system", ...words], {});
  const remove = async (): Promise<void> => {
    await virsh("destroy", name).catch(() => undefined);
    await virsh("undefine", name, "--checkpoints-metadata").catch(() => undefined);
    rmSync(results, { recursive: true, force: true });
  };
  await remove();
  mkdirSync(results);
  for (const folder of [dir, results]) chmodSync(folder, 0o711);
  await runProgram(["cp", "--sparse=always", content, disk], { signal });
  await runProgram(["dd", "if=/dev/urandom", `of=${noise}`, "bs=1M", `count=${pieceMiB}`, "status=none"], { signal });
  chmodSync(noise, 0o644);
  const size = await virtualMiB(disk, signal);
  const xml = join(dir, "machine.xml");
  writeFileSync(
    xml,
    `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk>
    <memballoon model='none'/></devices></domain>`,
  );
  await virsh("define", xml);
  await virsh("start", name);
  let written = 0;
  return {
    name,
    disk,
    results,
    virsh,
    remove,
    async write(mebibytes) {
      for (let done = 0; done < mebibytes; done += pieceMiB) {
        // All over the disk; another place each time.
        const at = ((written * 37) % (size / pieceMiB)) * pieceMiB;
        written += 1;
        const order = `qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend "write -s ${noise} ${at}M ${pieceMiB}M"`;
        await virsh("qemu-monitor-command", name, "--hmp", order);
      }
      await runProgram(["sync"], { signal });
    },
  };
}

async function virtualMiB(disk: string, signal: AbortSignal): Promise<number> {
  const about = await runProgram(["qemu-img", "info", "--output=json", disk], { signal });
  return Number(/"virtual-size": (\d+)/u.exec(about)?.[1]) / 1024 ** 2;
}
