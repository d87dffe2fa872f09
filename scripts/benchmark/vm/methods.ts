import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../run-program.ts";
import type { BenchMachine } from "./bench-machine.ts";

export interface MachineMethod {
  name: string;
  /** Whether it makes increments; else each backup is whole. */
  increments: boolean;
  prepare(machine: BenchMachine): void;
  /** A backup; gives for how long the machine was paused, in ms, where that can be told. */
  run(machine: BenchMachine, type: "full" | "incremental", signal: AbortSignal): Promise<number | null>;
}

const agent = join(import.meta.dirname, "../../../src/agent.ts");

function davit(name: string, compress: boolean): MachineMethod {
  const place = (machine: BenchMachine, what: string): string => join(machine.results, what);
  return {
    name,
    increments: true,
    prepare(machine) {
      for (const folder of ["vault", "state"]) mkdirSync(place(machine, folder), { mode: 0o711 });
      const machines = { [machine.name]: { compress, full: "off", incremental: "off" } };
      // JSON is YAML as well.
      const config = { vault: place(machine, "vault"), state: place(machine, "state"), verifyDays: "off", machines };
      writeFileSync(place(machine, "agent.yaml"), JSON.stringify(config));
    },
    async run(machine, type, signal) {
      const words = ["--disable-warning=ExperimentalWarning", agent, "backup", machine.name, "--json"];
      const environment = {
        DAVIT_AGENT_CONFIG: place(machine, "agent.yaml"),
        LOG_LEVEL: "warn",
        NODE_COMPILE_CACHE: join(import.meta.dirname, "../../../node_modules/.cache/davit"),
      };
      const more = type === "full" ? ["--full"] : [];
      const output = await runProgram([process.execPath, ...words, ...more], { environment, signal });
      return /"ms": ?(\d+)/u.test(output) ? Number(/"ms": ?(\d+)/u.exec(output)?.[1]) : null;
    },
  };
}

const virtnbdbackup: MachineMethod = {
  name: "virtnbdbackup",
  increments: true,
  prepare: () => undefined,
  async run(machine, type, signal) {
    const level = type === "full" ? "full" : "inc";
    const output = join(machine.results, "nbd");
    const words = ["-d", machine.name, "-l", level, "-o", output, "-n", "-S", machine.results];
    await runProgram(["virtnbdbackup", ...words], { signal });
    // Without a guest agent it does not bring the machine to rest.
    return null;
  },
};

const convert: MachineMethod = {
  name: "suspend, qemu-img convert, resume",
  increments: false,
  prepare: () => undefined,
  async run(machine, _type, signal) {
    const copy = join(machine.results, "copy.qcow2");
    rmSync(copy, { force: true });
    const began = performance.now();
    await machine.virsh("suspend", machine.name);
    try {
      await runProgram(["qemu-img", "convert", "-U", "-m", "4", "-W", "-O", "qcow2", machine.disk, copy], { signal });
    } finally {
      await machine.virsh("resume", machine.name);
    }
    const paused = performance.now() - began;
    await runProgram(["sync", copy], { signal });
    return paused;
  },
};

export const machineMethods: readonly MachineMethod[] = [
  davit("Davit", false),
  davit("Davit, compressed (zstd)", true),
  virtnbdbackup,
  convert,
];
