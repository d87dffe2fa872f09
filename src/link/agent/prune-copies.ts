import { readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { backupTime, moduleName } from "../../contract/backup-id.ts";
import { syncFolder } from "../../durable/sync-folder.ts";
import { asFailure, errorCode } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { readEvidence } from "../../format/read-evidence.ts";

/** A copy that nobody has gone on with for so long is not gone on with any more. */
const unfinishedDays = 7;
const dayMs = 86_400_000;

/**
 * Removes what is left of copies that were begun and not gone on with, and those that arrived more than `days` ago (0: none); gives their
 * paths. Of each module the one that arrived last stays. Only when the agent received them counts, by its own clock: whoever has taken
 * over the machine can send as many, and date them, as he likes, and no other goes for it.
 */
export async function pruneCopies(folder: string, days: number, now: Date): Promise<string[]> {
  try {
    const removed: string[] = [];
    for (const host of await namesIn(folder, z.uuid())) {
      for (const module of await namesIn(path.join(folder, host), moduleName))
        removed.push(...(await pruneModule(path.join(folder, host, module), days, now)));
    }
    return removed;
  } catch (thrown) {
    throw storageFailure(`can't remove old copies in ${folder}`, thrown);
  }
}

async function pruneModule(folder: string, days: number, now: Date): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await namesIn(folder, unfinished)) {
    const partial = path.join(folder, name);
    if (name.endsWith(".partial") && (await changedAt(partial)) > now.getTime() - unfinishedDays * dayMs) continue;
    await rm(partial, { recursive: true, force: true });
    removed.push(partial);
  }
  if (days === 0) return removed;
  const arrivals = (await namesIn(folder, backupTime)).map(async (name) => ({
    name,
    at: await arrivedAt(path.join(folder, name)),
  }));
  const oldestFirst = (await Promise.all(arrivals)).toSorted((one, other) => one.at - other.at);
  for (const { name, at } of oldestFirst.slice(0, -1)) {
    if (at > now.getTime() - days * dayMs) continue;
    const aside = path.join(folder, `.${name}.removing`);
    await rename(path.join(folder, name), aside);
    await syncFolder(folder);
    await rm(aside, { recursive: true, force: true });
    removed.push(path.join(folder, name));
  }
  return removed;
}

const unfinished = z.string().regex(/^\.\d{8}T\d{6}Z\.(?:partial|removing)$/u);

/** When a copy was sealed, as its evidence says; one without any counts as having come just now. */
async function arrivedAt(copy: string): Promise<number> {
  const [first] = await readEvidence(copy);
  return first === undefined ? Infinity : Date.parse(first.at);
}

/** When something was last written into a folder. */
async function changedAt(folder: string): Promise<number> {
  const times = [folder, ...(await readdir(folder)).map((name) => path.join(folder, name))].map(
    async (file) => (await stat(file)).mtimeMs,
  );
  return Math.max(...(await Promise.all(times)));
}

async function namesIn(folder: string, schema: z.ZodType<string>): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => schema.safeParse(name).success);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT" || errorCode(thrown) === "ENOTDIR") return [];
    throw thrown;
  }
}

const everyMs = dayMs;

export interface PruningOptions {
  folder: string;
  days: number;
  log: { info(details: object, message: string): void; error(details: object, message: string): void };
}

/** Prunes the copies now and once a day, until `signal` aborts. */
export function keepCopiesPruned({ folder, days, log }: PruningOptions, signal: AbortSignal): void {
  const prune = async (): Promise<void> => {
    const removed = await pruneCopies(folder, days, new Date());
    if (removed.length > 0) log.info({ removed }, "old copies were removed");
  };
  const look = (): void =>
    void prune().catch((error: unknown) => log.error({ err: asFailure(error) }, "old copies stay"));
  const timer = setInterval(look, everyMs);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  look();
}
