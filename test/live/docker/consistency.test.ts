import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Manifest } from "../../../src/contract/manifest.ts";
import { findFaults } from "../../fixtures/live/consistency/bank.ts";
import type { Database } from "../../fixtures/live/consistency/database.ts";
import { mariadb } from "../../fixtures/live/consistency/mariadb.ts";
import { postgres } from "../../fixtures/live/consistency/postgres.ts";
import { redis } from "../../fixtures/live/consistency/redis.ts";
import { sqlite } from "../../fixtures/live/consistency/sqlite.ts";
import { type Clients, startClients } from "../../fixtures/live/consistency/start-clients.ts";
import { DavitInProcess } from "../../fixtures/live/davit-in-process.ts";
import { Containers, removeContainer, uniqueName } from "../../fixtures/live/engine.ts";
import { expectExact } from "../../fixtures/live/expect-exact.ts";
import { untilAnswers } from "../../fixtures/live/service.ts";
import { servicesImage } from "../../fixtures/live/services-image.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const backups = 30;
const containers = new Containers();
afterEach(async () => containers.removeAll());

/** A backup that was taken, and what it has to bring back. */
interface Taken {
  round: number;
  manifest: Manifest;
  /** The data, restored. */
  data: string;
  acknowledged: Map<number, number>;
}

test.each([postgres, mariadb, redis, sqlite])(
  `$name: ${backups} backups under write load, each with every commit from before its hold`,
  async (database) => {
    const scratch = await scratchFolder();
    const davit = await DavitInProcess.in(scratch);
    const module = uniqueName(database.name);
    const source = join(davit.root, module);
    const clients = await startBank(database, module, source);

    const take = async (round: number): Promise<Taken> => {
      await clients.untilMore(20);
      const manifest = await davit.backup(module);
      expect(manifest.hold).toMatchObject({ mode: "pause", consistent: true });
      expect(manifest.changed).toEqual([]);
      const target = join(scratch, `restored-${round}`);
      await davit.restore(manifest, target);
      if (round % 10 === 0) {
        await expectExact(davit.folder(manifest), manifest, join(scratch, "extracted"));
        await rm(join(scratch, "extracted"), { recursive: true });
      }
      const acknowledged = clients.acknowledgedBefore(new Date(manifest.held ?? NaN));
      return { round, manifest, data: join(target, source), acknowledged };
    };

    let last: Taken | undefined;
    for (let round = 1; round <= backups; round += 1) {
      const [taken] = await Promise.all([take(round), last && expectWhole(database, last)]);
      if (last !== undefined) await rm(join(scratch, `restored-${last.round}`), { recursive: true });
      for (const [writer, number] of taken.acknowledged)
        expect(number).toBeGreaterThan((last?.acknowledged.get(writer) ?? 0) + 10);
      last = taken;
    }
    if (last !== undefined) await expectWhole(database, last);
    await clients.stop();
  },
  900_000,
);

/** The database with its bank in a module of its own, and clients that write to it. */
async function startBank(database: Database, module: string, source: string): Promise<Clients> {
  await mkdir(source);
  const { id } = await containers.make({
    name: module,
    image: servicesImage,
    command: [...database.serve],
    labels: { "davit.enable": "true", "davit.keep": "last=2", "davit.compression": "gzip:1" },
    binds: [`${source}:${database.folder}`],
  });
  await untilAnswers(id, database.probe);
  await database.open(id);
  if (database.embedded) return startClients(database, id);
  const beside = await containers.make({ image: servicesImage, networkMode: `container:${id}` });
  return startClients(database, beside.id);
}

/** Expects that a fresh container over restored data has all that was acknowledged, and that the database finds no fault. */
async function expectWhole(database: Database, { round, manifest, data, acknowledged }: Taken): Promise<void> {
  const { id } = await containers.make({
    image: servicesImage,
    command: [...database.serveRestored],
    binds: [`${data}:${database.folder}`],
  });
  const backup = `backup ${round} of ${database.name}, held at ${manifest.held}`;
  const faults = await examine(database, id, acknowledged).catch((error: unknown) => [String(error)]);
  expect({ backup, faults }).toEqual({ backup, faults: [] });
  await removeContainer(id);
}

async function examine(database: Database, id: string, acknowledged: Taken["acknowledged"]): Promise<string[]> {
  await untilAnswers(id, database.probe);
  const faults = findFaults(await database.read(id), acknowledged);
  const complaints = await database.complaints(id);
  return complaints === "" ? faults : [...faults, complaints];
}
