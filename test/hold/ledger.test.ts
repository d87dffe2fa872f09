import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Failure } from "../../src/failure/failure.ts";
import { openLedger } from "../../src/hold/open-ledger.ts";

let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "davit-ledger-"));
});
afterEach(async () => rm(state, { recursive: true }));

const entry = { module: "nas", mode: "pause" as const, containers: [{ id: "1", name: "web" }] };

test("what was written is read again, by another opening as well", async () => {
  await openLedger(state).write(entry);
  expect(await openLedger(state).read("nas")).toMatchObject(entry);
  expect(await openLedger(state).list()).toEqual(["nas"]);
  expect((await stat(join(state, "ledger/nas.json"))).mode & 0o777).toBe(0o600);
});

test("nothing is held before anything was written, and after it was cleared", async () => {
  const ledger = openLedger(state);
  expect(await ledger.list()).toEqual([]);
  await ledger.clear("nas");
  await ledger.write(entry);
  await ledger.clear("nas");
  expect(await ledger.read("nas")).toBeNull();
});

test("a ledger that can't be read is named, with the way out", async () => {
  const ledger = openLedger(state);
  await ledger.write(entry);
  await writeFile(join(state, "ledger/nas.json"), '{"module":"nas","mo');
  const failure = await ledger.read("nas").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ kind: "storage", message: expect.stringContaining("ledger/nas.json") });
});
