import { asFailure, withCleanup } from "../../failure/failure.ts";
import type { GuestHold } from "./host.ts";
import type { MachineContext } from "./machine-context.ts";

/** Enough for a slow guest to come to rest and for the longest that it stands still; the sidecar lets go by itself then. */
const holdLimitMs = 60_000;

/**
 * Does `work` while the sidecar in the machine holds what runs there, and has it let go at once. `held` is whether it was held
 * all the time. A sidecar that isn't there, or can't hold, is no hindrance; the latter is told.
 */
export async function whileGuestHeld<T>(
  context: MachineContext,
  work: () => Promise<T>,
): Promise<{ result: T; held: boolean }> {
  const { machine, settings, reporter } = context;
  if (settings.quiesce !== "auto") return { result: await work(), held: false };
  const hold = await askHold(context);
  if (hold === null) return { result: await work(), held: false };
  let held = false;
  const result = await withCleanup(work, async () => {
    held = await hold.release().catch((error: unknown) => {
      // It lets go by itself.
      reporter.warning(`the sidecar in ${machine} did not answer when it was to let go: ${asFailure(error).message}`);
      return false;
    });
  });
  if (!held) reporter.warning(`the sidecar in ${machine} did not hold until the point was taken`);
  return { result, held };
}

async function askHold({ host, machine, libvirt, reporter }: MachineContext): Promise<GuestHold | null> {
  try {
    return await host.holdInGuest(machine, Date.now() + holdLimitMs, libvirt.signal);
  } catch (error) {
    libvirt.signal.throwIfAborted();
    const { message, hint } = asFailure(error);
    reporter.warning(`the sidecar in ${machine} could not hold what runs there: ${message}`, hint);
    return null;
  }
}
