import { describe, expect, it, onTestFinished } from "vitest";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import { guestImage } from "../../fixtures/guest/guest-image.ts";
import { startGuest } from "../../fixtures/guest/start-guest.ts";
import { watchPauses } from "../../fixtures/live/vm/watch-pauses.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const limits = { full: 300, incremental: 100 };
const mostTries = 15;

describe("the pause that a machine sees", () => {
  it("is under 300 ms for a full and under 100 ms for an increment, by libvirt's events", async () => {
    const folder = await scratchFolder();
    const name = "davit-pause";
    const guest = await startGuest({ name, folder, image: await guestImage() });
    onTestFinished(() => guest.remove());
    await guest.untilWritten(5);
    const host = await openTestHost(folder, { [name]: { quiesce: "pause" } });
    const pauses = await watchPauses(guest);

    const seen: Record<"full" | "incremental", number[]> = { full: [], incremental: [] };
    for (const type of ["full", "incremental"] as const) {
      // What else runs on the tests' machine makes any of them longer, and none shorter: the best of several counts.
      const enough = (): boolean => seen[type].length >= 3 && Math.min(...seen[type]) < limits[type];
      while (!enough() && seen[type].length < mostTries) {
        await guest.untilWritten(1);
        const { quiesce } = await backUpMachine(host, name, { ...testRequest(), type });
        const [pause = NaN, ...more] = await pauses();
        expect(more).toEqual([]);
        // What the manifest says is what virsh took, which waits for the processor as everything else does.
        expect(quiesce.ms).toBeGreaterThan(pause / 2);
        seen[type].push(pause);
      }
    }
    console.log(`pauses: full ${seen.full.join(", ")} ms; increments ${seen.incremental.join(", ")} ms`);
    expect(Math.min(...seen.full)).toBeLessThan(limits.full);
    expect(Math.min(...seen.incremental)).toBeLessThan(limits.incremental);
  });
});
