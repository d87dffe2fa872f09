import { expect, it } from "vitest";
import type { BackupSummary } from "../../src/contract/manifest.ts";
import { Failure } from "../../src/failure/failure.ts";
import { createCopier } from "../../src/schedule/create-copier.ts";
import { nextCopy } from "../../src/schedule/next-copy.ts";
import { exampleBackup } from "../fakes/examples.ts";

const day = (number: number): string => `202611${String(number).padStart(2, "0")}T020000Z`;

function backup(module: string, number: number, copied = false): BackupSummary {
  const made = exampleBackup(module, day(number));
  const proof = { kind: "copied", at: "2026-11-22T03:00:00Z", ok: true, ms: 900 } as const;
  return { ...made, evidence: copied ? [...made.evidence, proof] : made.evidence };
}

it("of a module that was never copied the newest is sent; after that whatever is newer, the oldest first", () => {
  expect(nextCopy([])).toBeNull();
  expect(nextCopy([backup("nas", 1), backup("nas", 3), backup("nas", 2)])?.id).toBe(`nas/${day(3)}`);
  const grown = [backup("nas", 1), backup("nas", 2, true), backup("nas", 3), backup("nas", 4)];
  expect(nextCopy(grown)?.id).toBe(`nas/${day(3)}`);
  expect(nextCopy([...grown, backup("wiki", 2)])?.id).toBe(`wiki/${day(2)}`);
  expect(nextCopy([backup("nas", 1), backup("nas", 2, true)])).toBeNull();
  expect(nextCopy([{ ...backup("nas", 1), problem: "nas.tar.gz is missing" }])).toBeNull();
});

/** A vault in which what was copied has its evidence, and an agent that may be away. */
function scene(backups: BackupSummary[]) {
  const copied: string[] = [];
  const logged: string[] = [];
  let failure: Failure | null = null;
  let waiting: (() => void) | null = null;
  let now = Date.parse("2026-11-30T00:00:00Z");
  const copier = createCopier({
    backups: async () => backups,
    copy: async (id) => {
      if (failure !== null) throw failure;
      copied.push(id);
      backups.splice(0, backups.length, ...backups.map((one) => (one.id === id ? markCopied(one) : one)));
    },
    log: { info: (_, message) => void logged.push(message), warn: (_, message) => void logged.push(message) },
    now: () => new Date(now),
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        waiting = () => {
          now += ms;
          resolve();
        };
        signal.addEventListener("abort", () => reject(new Error("woken")), { once: true });
      }),
  });
  return {
    copier,
    copied,
    logged,
    backups,
    fail: (with_: Failure | null) => void (failure = with_),
    isIdle: () => waiting !== null,
    pass: () => {
      const go = waiting;
      waiting = null;
      go?.();
    },
  };
}

function markCopied(one: BackupSummary): BackupSummary {
  const proof = { kind: "copied", at: "2026-11-22T03:00:00Z", ok: true, ms: 900 } as const;
  return { ...one, evidence: [...one.evidence, proof] };
}

it("copies what is new, one after another, and what comes when it is told so", async () => {
  const { copier, copied, backups, isIdle } = scene([backup("nas", 1, true), backup("nas", 2), backup("nas", 3)]);
  copier.start();
  await expect.poll(isIdle).toBe(true);
  expect(copied).toEqual([`nas/${day(2)}`, `nas/${day(3)}`]);
  backups.push(backup("nas", 4));
  copier.look();
  await expect.poll(() => copied).toHaveLength(3);
  await copier.stop();
});

it("what failed is let be for a while, and tried again, at once where the agent has come back", async () => {
  const { copier, copied, logged, fail, isIdle, pass } = scene([backup("nas", 1)]);
  fail(new Failure("unreachable", "the agent does not answer"));
  copier.start();
  await expect.poll(isIdle).toBe(true);
  expect(logged).toEqual(["not copied to the agent; it is tried again"]);
  pass();
  await expect.poll(() => logged).toHaveLength(2);
  await expect.poll(isIdle).toBe(true);
  fail(null);
  copier.look();
  await expect.poll(() => copied).toEqual([`nas/${day(1)}`]);
  await copier.stop();
});

it("a copy that gave way is no trouble", async () => {
  const { copier, logged, fail, isIdle } = scene([backup("nas", 1)]);
  fail(new Failure("cancelled", "gave way to another run of nas"));
  copier.start();
  await expect.poll(isIdle).toBe(true);
  expect(logged).toEqual(["not copied now: gave way to another run of nas"]);
  await copier.stop();
});
