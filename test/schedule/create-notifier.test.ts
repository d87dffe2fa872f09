import { setImmediate as breathe } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { createNotifier } from "../../src/schedule/create-notifier.ts";

/** A notifier over a clock that the test moves. */
function scene(wants: (number | Error)[]) {
  const waits: { ms: number; pass: () => void }[] = [];
  const warnings: string[] = [];
  let looks = 0;
  const notifier = createNotifier({
    look: async () => {
      looks += 1;
      const want = wants.shift() ?? Infinity;
      if (want instanceof Error) throw want;
      return want;
    },
    log: { warn: (_, message) => void warnings.push(message) },
    wait: async (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push({ ms, pass: resolve });
        signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      }),
  });
  onTestFinished(async () => notifier.stop());
  /** Lets what is waited for pass, and gives how long it was. */
  const pass = async (): Promise<number | undefined> => {
    await breathe();
    const wait = waits.splice(0).at(-1);
    wait?.pass();
    await breathe();
    return wait?.ms;
  };
  return { notifier, pass, warnings, looks: () => looks };
}

it("looks a minute after its start, then now and then, sooner where that is wanted", async () => {
  const { notifier, pass, looks } = scene([Infinity, 30_000, 7_200_000]);
  notifier.notice();
  notifier.start();
  expect([await pass(), looks()]).toEqual([60_000, 1]);
  expect([await pass(), looks()]).toEqual([600_000, 2]);
  expect([await pass(), looks()]).toEqual([30_000, 3]);
  expect([await pass(), looks()]).toEqual([600_000, 4]);
});

it("looks soon after something happened, once for all that happens together", async () => {
  const { notifier, pass, looks } = scene([]);
  notifier.start();
  await pass();
  notifier.notice();
  notifier.notice();
  expect([await pass(), looks()]).toEqual([20_000, 2]);
  expect([await pass(), looks()]).toEqual([600_000, 3]);
});

it("goes on after a look that failed, and stops when it is told to", async () => {
  const { notifier, pass, looks, warnings } = scene([new Error("the vault is gone")]);
  notifier.start();
  await pass();
  expect(warnings).toEqual(["can't look for what people should be told"]);
  expect([await pass(), looks()]).toEqual([600_000, 2]);
  await notifier.stop();
  expect(looks()).toBe(2);
});
