import { describe, expect, it, onTestFinished } from "vitest";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import { guestImage } from "../../fixtures/guest/guest-image.ts";
import { startGuest } from "../../fixtures/guest/start-guest.ts";
import { watchPauses } from "../../fixtures/live/vm/watch-pauses.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

describe("the pause that a machine sees", () => {
  it("is under 300 ms for a full and under 100 ms for an increment, by libvirt's events", async () => {
    const folder = await scratchFolder();
    const name = "davit-pause";
    const guest = await startGuest({ name, folder, image: await guestImage(), second: true });
    onTestFinished(() => guest.remove());
    await guest.untilWritten(5);
    const host = await openTestHost(folder, { [name]: { quiesce: "pause" } });
    const pauses = await watchPauses(guest);

    const seen: Record<"full" | "incremental", number[]> = { full: [], incremental: [] };
    for (const type of [
      "full",
      "full",
      "full",
      "incremental",
      "incremental",
      "incremental",
      "incremental",
      "incremental",
    ] as const) {
      await guest.untilWritten(1);
      const { quiesce } = await backUpMachine(host, name, { ...testRequest(), type });
      const [pause = NaN, ...more] = await pauses();
      expect(more).toEqual([]);
      // What the manifest says is an upper bound, but for the clocks' milliseconds.
      expect(quiesce.ms).toBeGreaterThanOrEqual(pause - 2);
      seen[type].push(pause);
    }
    console.log(`pauses: full ${seen.full.join(", ")} ms; increments ${seen.incremental.join(", ")} ms`);
    // The best of several: what else runs on the tests' machine makes any of them longer, and none shorter.
    expect(Math.min(...seen.full)).toBeLessThan(300);
    expect(Math.min(...seen.incremental)).toBeLessThan(100);
  });
});
