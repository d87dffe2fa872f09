import { access, constants, readdir, lstat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { BootCheck } from "../../contract/machine.ts";
import { asFailure, Failure, withCleanup } from "../../failure/failure.ts";
import type { BootMachine } from "./boot-order.ts";
import { connectQmp, type Qmp } from "./connect-qmp.ts";
import { createBootJudge, describeLate, type Observation, type Verdict } from "./judge-boot.ts";
import { type GuestAgent, openGuestAgent } from "./open-guest-agent.ts";
import { parsePpm, type Picture } from "./picture.ts";
import { bootFiles } from "./qemu-arguments.ts";
import { readTail } from "./read-tail.ts";
import { isTextMode, textMemory, textOfScreen } from "./screen-text.ts";
import { type RunningQemu, startQemu } from "./start-qemu.ts";

export interface BootOrder {
  machine: BootMachine;
  /** An empty folder, for what the machine writes. */
  folder: string;
  check: BootCheck;
  timeoutMs: number;
  /** What the machine may write before it is ended. */
  mostBytes: number;
  signal: AbortSignal;
}

export interface BootOutcome extends Verdict {
  /** From its start to the verdict. */
  ms: number;
  accelerator: "kvm" | "tcg";
  /** What the screen showed last; null where nothing could be seen. */
  picture: Picture | null;
  /** The last of what the serial console said. */
  serial: string;
}

const lookEveryMs = 500;
const serialBytes = 64 * 1024;
/** Of a socket's path (sockaddr_un). */
const longestSocket = 107;
const pictureBytes = 64 * 1024 * 1024;

/**
 * Boots a machine, apart from everything, and tells whether it comes up. With KVM where that works, else emulated. A machine that
 * does not come up is an outcome; thrown is what kept it from being tried: `missing` where there is no QEMU, `storage`, `failed`
 * where QEMU does not run. When this returns or throws, QEMU has ended.
 */
export async function bootMachine(order: BootOrder): Promise<BootOutcome> {
  if (await isThere("/dev/kvm")) {
    const outcome = await attempt(order, "kvm").catch((thrown: unknown) => {
      const failure = asFailure(thrown);
      if (failure.kind !== "failed" || order.signal.aborted) throw failure;
      return null;
    });
    if (outcome !== null) return outcome;
  }
  return attempt(order, "tcg");
}

async function attempt(order: BootOrder, accelerator: "kvm" | "tcg"): Promise<BootOutcome> {
  const { machine, timeoutMs, signal } = order;
  const folder = join(order.folder, accelerator);
  if (Buffer.byteLength(bootFiles(folder).agent) > longestSocket)
    throw new Failure("config", `the path of a socket in ${folder} is too long`, {
      hint: "set scratch in agent.yaml to a folder with a shorter path",
    });
  const qemu = await startQemu({ machine, folder, accelerator, limitMs: timeoutMs + 120_000, signal });
  let watch: Watch | null = null;
  return withCleanup(
    async () => {
      const qmp = await connected(folder, qemu);
      watch = { folder, qemu, qmp, agent: openGuestAgent(bootFiles(folder).agent), accelerator, picture: null };
      return look(order, watch);
    },
    async () => {
      watch?.agent.close();
      watch?.qmp.close();
      await qemu.stop();
    },
  );
}

interface Watch {
  folder: string;
  accelerator: "kvm" | "tcg";
  qemu: RunningQemu;
  qmp: Qmp;
  agent: GuestAgent;
  /** The last that could be taken. */
  picture: Picture | null;
}

async function look(order: BootOrder, watch: Watch): Promise<BootOutcome> {
  const { check, timeoutMs } = order;
  const expectation = { check, expectsAgent: order.machine.expectsAgent };
  const judge = createBootJudge(expectation);
  const started = performance.now();
  for (;;) {
    await pause(watch.qemu, order.signal);
    const stopped = await whyStopped(watch);
    const seen = await observe(watch, started);
    let verdict = judge(seen) ?? stopped ?? (await wroteTooMuch(order, watch));
    if (verdict === null && seen.ms >= timeoutMs) verdict = describeLate(seen, expectation, timeoutMs);
    if (verdict === null) continue;
    // What it said may not be on its screen yet.
    const last = verdict.well ? seen : await pause(watch.qemu, order.signal).then(() => observe(watch, started));
    return { ...verdict, ms: seen.ms, accelerator: watch.accelerator, picture: watch.picture, serial: last.serial };
  }
}

/** Waits a moment; throws where QEMU has ended by itself meanwhile, or the work is cancelled. */
async function pause(qemu: RunningQemu, signal: AbortSignal): Promise<void> {
  const ended = await Promise.race([qemu.ended, delay(lookEveryMs).then(() => undefined)]);
  signal.throwIfAborted();
  if (ended !== undefined && ended !== null) throw ended;
}

const status = z.looseObject({ status: z.string() });

async function whyStopped({ qmp, accelerator }: Watch): Promise<Verdict | null> {
  const now = status.parse(await qmp.execute("query-status")).status;
  if (now === "internal-error" && accelerator === "kvm")
    throw new Failure("failed", "KVM does not work on this host: QEMU reports an internal error");
  const reason = {
    shutdown: "it turned itself off, or restarted, before it was up",
    "io-error": "it could not read or write its disk",
    "internal-error": "QEMU reports an internal error",
    "guest-panicked": "its system panicked",
  }[now];
  return reason === undefined ? null : { well: false, reason, weak: null };
}

async function observe(watch: Watch, started: number): Promise<Observation> {
  const { folder, qmp } = watch;
  const files = bootFiles(folder);
  const agent = watch.agent.ask();
  const serial = (await readTail(files.serial, serialBytes)).toString("utf8");
  let screen = "";
  await qmp.execute("screendump", { filename: files.picture });
  const picture = parsePpm(await readTail(files.picture, pictureBytes));
  watch.picture = picture;
  if (isTextMode(picture)) {
    await qmp.execute("pmemsave", { val: textMemory.address, size: textMemory.bytes, filename: files.text });
    screen = textOfScreen(await readTail(files.text, textMemory.bytes));
  }
  return { ms: Math.round(performance.now() - started), agent, serial, picture, screen };
}

async function wroteTooMuch({ mostBytes }: BootOrder, { folder }: Watch): Promise<Verdict | null> {
  let written = 0;
  for (const name of await readdir(folder)) {
    const { blocks } = await lstat(join(folder, name)).catch(() => ({ blocks: 0 }));
    written += blocks * 512;
  }
  if (written <= mostBytes) return null;
  const mebibytes = Math.round(mostBytes / 1024 / 1024);
  return { well: false, reason: `it wrote more than ${mebibytes} MiB before it was up`, weak: null };
}

async function connected(folder: string, qemu: RunningQemu): Promise<Qmp> {
  const { qmp } = bootFiles(folder);
  for (;;) {
    try {
      return await connectQmp(qmp);
    } catch (thrown) {
      if (asFailure(thrown).kind !== "unreachable") throw thrown;
    }
    const ended = await Promise.race([qemu.ended, delay(50).then(() => undefined)]);
    if (ended === null) throw new Failure("cancelled", "the boot was cancelled");
    if (ended !== undefined) throw ended;
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
