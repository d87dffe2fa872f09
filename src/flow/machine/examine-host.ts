import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { runProgram } from "../../command/run-program.ts";
import type { DoctorCheck } from "../../contract/api.ts";
import type { Machine, PointSummary } from "../../contract/machine.ts";
import { wallClock } from "../../contract/wall-clock.ts";
import { checkAppArmor } from "../../doctor/check-app-armor.ts";
import { checkClock } from "../../doctor/check-clock.ts";
import { checkFolder } from "../../doctor/check-folder.ts";
import { checkLibvirt } from "../../doctor/check-libvirt.ts";
import { checkMachine } from "../../doctor/check-machine.ts";
import { checkService } from "../../doctor/check-service.ts";
import { checkWay } from "../../doctor/check-way.ts";
import { asFailure } from "../../failure/failure.ts";
import { type InstalledProgram, unitFile, unitFor } from "../../install/install-agent.ts";
import { readVersions, requireBackupSupport, type Versions } from "../../machine/probe-libvirt.ts";
import { readDomain } from "../../machine/read-domain.ts";
import { isFuture } from "../../contract/is-future.ts";
import { attemptCheck } from "../attempt-check.ts";
import type { Host } from "./host.ts";

const giB = 1024 ** 3;
const limitMs = 30_000;
const roomHint = "free some space, or lower the machines' keep and run `davit agent prune`";

/**
 * Looks at everything that the backups of this host's machines need: libvirt, each machine with its disks and its guest agent,
 * folders and their room, AppArmor, the service, the clock. What can't be looked at is a check with status `error`; nothing is
 * thrown but the signal's reason.
 */
export async function examineHost(host: Host, program: InstalledProgram, signal: AbortSignal): Promise<DoctorCheck[]> {
  const { config } = host;
  const { vault, state, scratch, copies, machines, timezone } = config;
  const checks: DoctorCheck[] = [await checkConfig(machines, config.file)];
  const add = async (name: string, check: () => DoctorCheck | Promise<DoctorCheck>): Promise<boolean> => {
    signal.throwIfAborted();
    const found = await attemptCheck(name, check);
    checks.push(found);
    return found.status !== "error";
  };
  const vaultIsGood = await add("vault", async () =>
    checkFolder({ name: "vault", folder: vault, wanted: 5 * giB, roomHint }),
  );
  await add("state", async () => checkFolder({ name: "state", folder: state, wanted: giB / 4, roomHint }));
  await add("scratch", async () => checkFolder({ name: "scratch", folder: scratch, wanted: giB, roomHint }));
  if (copies !== null)
    await add("copies", async () => checkFolder({ name: "copies", folder: copies, wanted: giB, roomHint }));
  if (vaultIsGood) await add("vault", async () => checkWay("vault", vault));
  await add("scratch", async () => checkWay("scratch", scratch));

  const points = vaultIsGood ? await host.vault.list().catch(() => []) : [];
  const versions = new Map<string, Versions>();
  for (const uri of new Set(["qemu:///system", ...machines.map((one) => one.settings.uri)])) {
    if (machines.length > 0 && !machines.some((one) => one.settings.uri === uri)) continue;
    await add(`libvirt ${uri}`, async () => {
      const found = await readVersions({ uri, signal });
      versions.set(uri, found);
      return checkLibvirt({ uri, ...found });
    });
  }
  for (const machine of machines) {
    const found = versions.get(machine.settings.uri);
    // Where libvirt does not answer, that is told by itself.
    if (found !== undefined) checks.push(...(await lookAt(host, machine, found, signal)));
  }
  if (points.length > 0) await add("points", () => checkPoints(points));
  await add("apparmor", async () => checkAppArmor({ vault, hasWorked: points.some(wasRunning) }));
  await add("service", async () => {
    const unit = existsSync(unitFile) ? await readFile(unitFile, "utf8") : null;
    return checkService({ unit, wanted: unitFor(program, config), state: await serviceState(signal) });
  });
  await add("clock", () => {
    const future = points.filter((one) => isFuture(one.time, host.now())).map((one) => one.id);
    const wall = new Date(wallClock(timezone)(host.now())).toISOString().slice(0, 19).replace("T", " ");
    return checkClock({ wall, timezone, future });
  });
  return checks;
}

async function checkConfig(machines: readonly Machine[], file: string): Promise<DoctorCheck> {
  const name = "config";
  const { mode } = await stat(file);
  if ((mode & 0o022) !== 0)
    return {
      name,
      status: "error",
      message: `${file} can be changed by others than its owner, who could have root do what they like`,
      hint: `chmod go-w ${file}`,
    };
  if (machines.length === 0)
    return {
      name,
      status: "warning",
      message: `${file} names no machine`,
      hint: "write them into it; `virsh list --all` shows their names",
    };
  return { name, status: "ok", message: `${file} has ${machines.map((one) => one.name).join(", ")}` };
}

async function lookAt(host: Host, machine: Machine, versions: Versions, signal: AbortSignal): Promise<DoctorCheck[]> {
  const { domain: name, uri, quiesce } = machine.settings;
  try {
    const libvirt = { uri, signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]) };
    const domain = await readDomain(libvirt, name);
    if (domain.active) await requireBackupSupport(libvirt, domain, versions);
    return checkMachine({
      machine: machine.name,
      domain: name,
      state: domain.now.state,
      quiesce,
      agent: domain.agent,
      channel: domain.element.devices.channel.some(({ target }) => target?.["@name"] === "org.qemu.guest_agent.0"),
      disks: domain.disks,
      warnings: domain.warnings,
      left: !host.runs.isLocked(machine.name) && (await host.stillness.read(machine.name)) !== null,
      free: await host.vault.freeBytes().catch(() => Infinity),
    });
  } catch (thrown) {
    signal.throwIfAborted();
    const { message, hint } = asFailure(thrown);
    return [{ name: `machine ${machine.name}`, status: "error", message, ...(hint !== undefined && { hint }) }];
  }
}

function checkPoints(points: readonly PointSummary[]): DoctorCheck {
  const name = "points";
  const bad = points.filter((one) => one.problem !== null);
  const [first] = bad;
  if (first === undefined) return { name, status: "ok", message: `${points.length} points, all can be used` };
  return {
    name,
    status: "warning",
    message: `${bad.length} of ${points.length} points can't be used; ${first.id}: ${first.problem}`,
    hint: "`davit agent list` shows them; the next full begins a chain that does not need them",
  };
}

/** Whether the point was taken by QEMU itself, while the machine ran. */
function wasRunning({ manifest }: PointSummary): boolean {
  return manifest !== null && !manifest.quiesce.used.includes("off");
}

/** What systemd says of the service; null where it can't be asked. */
async function serviceState(signal: AbortSignal): Promise<string | null> {
  if (!existsSync("/run/systemd/system")) return null;
  const { stdout } = await runProgram({
    program: "systemctl",
    args: ["is-active", "davit-agent.service"],
    timeoutMs: limitMs,
    signal,
  });
  return stdout.trim() || null;
}
