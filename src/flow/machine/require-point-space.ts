import { Failure } from "../../failure/failure.ts";
import type { PointPlan } from "../../machine/plan-point.ts";
import type { Host } from "./host.ts";

/** What there has to be for an increment too, whose size nobody knows beforehand. */
const leastBytes = 64 * 1024 * 1024;

/** Throws a `storage` Failure where the vault has no room for what is copied whole. */
export async function requirePointSpace({ vault }: Pick<Host, "vault">, { disks }: PointPlan): Promise<void> {
  const whole = disks.filter((disk) => disk.type === "full").reduce((sum, disk) => sum + disk.allocatedBytes, 0);
  const wanted = Math.max(whole, leastBytes);
  const free = await vault.freeBytes();
  if (free >= wanted) return;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;
  throw new Failure("storage", `${vault.dir} has ${mib(free)} left, and the backup takes up to ${mib(wanted)}`, {
    hint: "free some space, or lower the machine's keep and run `davit agent prune`",
  });
}
