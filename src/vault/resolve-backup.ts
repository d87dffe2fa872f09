import { backupId, backupTime, moduleName } from "../contract/backup-id.ts";
import type { BackupSummary } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import { isFuture } from "../contract/is-future.ts";
import { readBackup } from "./read-backup.ts";

export interface Shelf {
  dir: string;
  now: Date;
  list(module: string): Promise<BackupSummary[]>;
  modules(): Promise<string[]>;
}

/**
 * The backup that `module/time`, `module@time` or `module@latest` names. The latest is the newest that can be used and is not dated in the
 * future, where there is one. A `missing` Failure names what there is instead.
 */
export async function resolveBackup(id: string, shelf: Shelf): Promise<BackupSummary> {
  const { module, time } = parse(id);
  const found = time === "latest" ? null : await readBackup(shelf.dir, backupId(module, time));
  if (found !== null) return found;
  const backups = await shelf.list(module);
  if (backups.length === 0) throw await noModule(module, shelf);
  if (time === "latest") return latest(backups, shelf.now);
  const nearby = backups.toSorted((a, b) => distance(a.time, time) - distance(b.time, time)).slice(0, 3);
  throw new Failure("missing", `there is no backup ${id}`, {
    hint: `${module} has ${backups.length}; close to it: ${nearby.map((backup) => backup.id).join(", ")}`,
  });
}

function parse(id: string): { module: string; time: string } {
  const parts = /^([^/@]+)(?:\/([^/@]+)|@(latest|\d{8}T\d{6}Z))$/u.exec(id);
  const module = parts?.[1] ?? "";
  const time = parts?.[2] ?? parts?.[3] ?? "";
  const known = parts?.[3] === "latest" || backupTime.safeParse(time).success;
  if (known && moduleName.safeParse(module).success) return { module, time };
  throw new Failure("usage", `${id} is not a backup's id`, {
    hint: `an id looks like nas/20261122T020000Z or nas@latest; \`davit list\` shows those there are`,
  });
}

function latest(newestFirst: readonly BackupSummary[], now: Date): BackupSummary {
  const usable = newestFirst.filter((backup) => backup.problem === null);
  const found = usable.find((backup) => !isFuture(backup.time, now)) ?? usable[0];
  if (found !== undefined) return found;
  const first = newestFirst[0];
  throw new Failure("damaged", `none of the ${newestFirst.length} backups of ${first?.module} can be used`, {
    hint: `${first?.id}: ${first?.problem}`,
  });
}

async function noModule(module: string, shelf: Shelf): Promise<Failure> {
  const known = await shelf.modules();
  const near = nearestName(module, known);
  const meant = near === null || near === module ? "" : `did you mean ${near}? `;
  const there = known.length === 0 ? "the vault is empty" : `there are backups of ${known.join(", ")}`;
  return new Failure("missing", `there is no backup of ${module}`, { hint: `${meant}${there}` });
}

function distance(time: string, other: string): number {
  return Math.abs(Number(time.replace(/\D/gu, "")) - Number(other.replace(/\D/gu, "")));
}
