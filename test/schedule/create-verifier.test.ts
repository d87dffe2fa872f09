import { beforeEach, expect, it } from "vitest";
import type { BackupSummary } from "../../src/contract/manifest.ts";
import { Failure } from "../../src/failure/failure.ts";
import { createVerifier } from "../../src/schedule/create-verifier.ts";
import { exampleBackup } from "../fakes/examples.ts";

const hourMs = 3_600_000;
const start = Date.parse("2026-11-22T00:00:00Z");

let now: number;
let backups: BackupSummary[];
/** `HOURS id`, for each that was begun. */
let begun: string[];
let logged: string[];
/** What becomes of a verification: evidence, unless a test says otherwise. */
let verify: (id: string) => Promise<void>;
let look: () => Promise<BackupSummary[]>;

beforeEach(() => {
  now = start;
  backups = [sealed("nas", 40 * 24), sealed("wiki", 35 * 24)];
  begun = [];
  logged = [];
  verify = async (id) => prove(id);
  look = async () => backups;
});

function sealed(module: string, hoursAgo: number): BackupSummary {
  const found = exampleBackup(module, "20261001T020000Z");
  const at = new Date(start - hoursAgo * hourMs).toISOString();
  return { ...found, manifest: found.manifest && { ...found.manifest, sealed: at }, evidence: [] };
}

function prove(id: string): void {
  const at = new Date(now).toISOString();
  backups.find((one) => one.id === id)?.evidence.push({ kind: "verified", at, ok: true, ms: 1 });
}

/** Lets so many hours go by, as quickly as they are waited for. */
async function pass(hours: number, days = 30): Promise<void> {
  const end = now + hours * hourMs;
  const over = Promise.withResolvers<void>();
  const verifier = createVerifier({
    days,
    backups: () => look(),
    verify: async (id) => {
      begun.push(`${(now - start) / hourMs} ${id.split("/")[0]}`);
      now += 60_000;
      await verify(id);
    },
    log: { info: (_, message) => logged.push(message), error: (_, message) => logged.push(message) },
    now: () => new Date(now),
    wait: async (ms, signal) => {
      now += ms;
      if (now < end) return;
      over.resolve();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  verifier.start();
  await over.promise;
  await verifier.stop();
}

it("verifies what is late at once, a day's share a day, and then each in its time", async () => {
  await pass(24 * 40);
  expect(begun.slice(0, 2)).toEqual(["0 nas", expect.stringMatching(/^24\.\d+ wiki$/u)]);
  expect(begun.map((one) => one.split(" ")[1])).toEqual(["nas", "wiki", "nas", "wiki", "nas"]);
});

it("begins nothing that the evidence says was done, after a restart", async () => {
  await pass(48);
  expect(begun).toHaveLength(2);
  await pass(48);
  await pass(48);
  expect(begun).toHaveLength(2);
});

it("takes up again what gave way, and meanwhile the next", async () => {
  verify = async (id) => {
    if (id.startsWith("nas") && begun.length === 1) throw new Failure("cancelled", "gave way to another run of nas");
    prove(id);
  };
  await pass(48);
  expect(begun.map((one) => one.split(" ")[1])).toEqual(["nas", "wiki", "nas"]);
  expect(logged).toContain("not verified now: gave way to another run of nas");
});

it("lets a module be that is busy, for a minute at a time", async () => {
  backups = [sealed("nas", 40 * 24)];
  verify = async (id) => {
    if (now < start + hourMs) throw new Failure("busy", "nas is busy");
    prove(id);
  };
  await pass(2);
  expect(begun.length).toBeGreaterThan(20);
  expect(begun.length).toBeLessThan(61);
});

it("does not try again in a loop what fails and leaves no evidence", async () => {
  backups = [sealed("nas", 40 * 24)];
  verify = async () => {
    throw new Failure("storage", "the disk reported an error");
  };
  await pass(24 * 5);
  expect(begun.length).toBeGreaterThanOrEqual(4);
  expect(begun.length).toBeLessThanOrEqual(6);
  begun = [];
  verify = async () => undefined;
  await pass(24 * 5);
  expect(begun.length).toBeLessThanOrEqual(6);
});

it("looks again where the vault can't be read, and ends when it is told", async () => {
  const there = backups;
  let asked = 0;
  look = async () => {
    asked += 1;
    if (asked === 1) throw new Failure("storage", "can't read the vault");
    return there;
  };
  await pass(3);
  expect(logged[0]).toBe("can't look which backup is to be verified");
  expect(begun).toEqual(["1 nas"]);
});

it("does nothing where the period is 0", async () => {
  const verifier = createVerifier({
    days: 0,
    backups: async () => Promise.reject(new Error("nobody asked")),
    verify: async () => Promise.reject(new Error("nobody asked")),
    log: { info: () => undefined, error: (_, message) => logged.push(message) },
  });
  verifier.start();
  await verifier.stop();
  expect(logged).toEqual([]);
});
