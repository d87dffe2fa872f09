import type { Quiesce, RestKind } from "../contract/machine.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { asFailure, withCleanup } from "../failure/failure.ts";
import { letGo } from "./let-go.ts";
import type { Stillness } from "./open-stillness.ts";
import type { Domain } from "./read-domain.ts";
import { type Libvirt, tryVirsh, type VirshResult, virshWords } from "./run-virsh.ts";

export interface RestOrder {
  libvirt: Libvirt;
  /** The machine's name. */
  machine: string;
  domain: Domain;
  quiesce: Quiesce;
  stillness: Stillness;
  reporter: Pick<RunReporter, "warning">;
}

/** What a command left behind that was given while a machine stood still. */
export interface RestRecord {
  result: VirshResult;
  /** When virsh was given it. */
  at: Date;
  used: RestKind[];
  /** How long the guest stood still, as virsh saw it, from before it was asked for until it was undone; null where it did not. */
  ms: number | null;
}

/** The longest that a machine stands still: virsh is stopped then, and the machine let go. */
const restLimitMs = 15_000;

/**
 * Gives virsh one command while the machine stands still, and lets it go at once: frozen by its guest agent (`auto`), else paused. That it is
 * to stand still is on disk before it does. A machine that somebody has paused already stays so. When it returns or throws the machine runs
 * again; where that could not be done, it throws, and the note stays.
 */
export async function atRest(order: RestOrder, command: string, folder: string): Promise<RestRecord> {
  const { domain, quiesce, reporter } = order;
  const { uuid, now } = domain;
  const asItIs = async (): Promise<RestRecord> => {
    const at = new Date();
    const result = await tryVirsh(order.libvirt, [command], { timeoutMs: restLimitMs, folder });
    return { result, at, used: [], ms: null };
  };
  if (now.state === "paused") {
    reporter.warning(`${order.machine} was paused already, by somebody else or by an error, and stays so`);
    return asItIs();
  }
  if ((await order.stillness.read(order.machine)) !== null) {
    reporter.warning(`${order.machine} could not be let go after an earlier run, so it is not brought to rest anew`);
    return asItIs();
  }
  if (quiesce === "none") return asItIs();
  if (quiesce === "auto" && domain.agent) {
    const frozen = await whileFrozen(order, `${command}; domfsthaw ${uuid}`, folder);
    if (frozen !== null) return frozen;
  }
  return whilePaused(order, `suspend ${uuid}; ${command}; resume ${uuid}`, folder);
}

/** Null where the guest could not be frozen; nothing was done then. */
async function whileFrozen(order: RestOrder, batch: string, folder: string): Promise<RestRecord | null> {
  return noted(order, "freeze", async () => {
    const began = performance.now();
    const frozen = await tryVirsh(order.libvirt, ["domfsfreeze", order.domain.uuid], { timeoutMs: restLimitMs }).catch(
      (error: unknown) => {
        const failure = asFailure(error);
        if (failure.kind === "cancelled") throw failure;
        return { code: null, stdout: "", stderr: failure.message };
      },
    );
    if (frozen.code !== 0) {
      order.reporter.warning(
        `the guest agent could not freeze the file systems, so the machine is paused instead: ${virshWords(frozen.stderr)}`,
        "look at the guest agent in the machine (`systemctl status qemu-guest-agent`)",
      );
      return { record: null, released: frozen.code !== null && neverAsked.test(frozen.stderr) };
    }
    const at = new Date();
    const result = await tryVirsh(order.libvirt, [batch], { timeoutMs: restLimitMs, folder });
    return {
      record: { result, at, used: ["freeze"], ms: Math.round(performance.now() - began) },
      released: /^Thawed \d+/mu.test(result.stdout),
    };
  });
}

/** The agent is asked whether it is there before it is asked to freeze anything. */
const neverAsked = /agent is not (responding|connected|configured|available)/iu;

async function whilePaused(order: RestOrder, batch: string, folder: string): Promise<RestRecord> {
  return noted(order, "pause", async () => {
    const at = new Date();
    const result = await tryVirsh(order.libvirt, ["-t", batch], { timeoutMs: restLimitMs, folder });
    const paused = !result.stderr.includes("Failed to suspend");
    if (!paused) order.reporter.warning(`the machine could not be paused: ${virshWords(result.stderr)}`);
    const ms = [...result.stdout.matchAll(/^\(Time: ([\d.]+) ms\)$/gmu)].reduce((sum, [, one]) => sum + Number(one), 0);
    return {
      record: { result, at, used: paused ? ["pause"] : [], ms: paused ? Math.round(ms) : null },
      released: result.code === 0,
    };
  });
}

/** Writes down what is about to be done, does it, and sees to it that it is undone; the note goes last. */
async function noted<T>(
  { libvirt, machine, domain, stillness }: RestOrder,
  kind: "pause" | "freeze",
  work: () => Promise<{ record: T; released: boolean }>,
): Promise<T> {
  const note = { module: machine, kind, uri: libvirt.uri, domain: domain.uuid, since: new Date().toISOString() };
  await stillness.write(note);
  let released = false;
  return withCleanup(
    async () => {
      const done = await work();
      released = done.released;
      return done.record;
    },
    async () => {
      if (released) await stillness.clear(machine);
      else await letGo(stillness, machine);
    },
  );
}
