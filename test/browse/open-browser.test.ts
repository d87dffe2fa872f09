import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openBrowser } from "../../src/browse/open-browser.ts";
import { startThread } from "../../src/browse/start-thread.ts";
import type { IndexPlace } from "../../src/browse/table-cache.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { createDice, makeEntry, writeIndex } from "./random-backup.ts";

const forever = new AbortController().signal;
const page = { skip: 0, limit: 100 };
const many = 20_000;

async function index(files: number): Promise<IndexPlace> {
  const dice = createDice(1);
  const entries = Array.from({ length: files }, (_, at) =>
    makeEntry(dice, `srv/f${String(at).padStart(7, "0")}`, "file"),
  );
  const { folder, manifest } = await writeIndex(await scratchFolder(), entries);
  return { id: "nas/20261122T020000Z", folder, manifest };
}

function browser(keptMs?: number) {
  const opened = openBrowser(keptMs);
  onTestFinished(() => opened.close());
  return opened;
}

describe("the browsing thread", () => {
  it("answers what is asked, and passes on what fails with its hint", async () => {
    const place = await index(3);
    const { ask } = browser();
    expect(await ask("peek", { index: place, path: "srv/f0000001" }, forever)).toBeNull();
    const folder = await ask("folder", { index: place, path: "srv", page }, forever);
    expect(folder.entries.map(({ name }) => name)).toEqual(["f0000000", "f0000001", "f0000002"]);
    expect((await ask("search", { index: place, text: "2", page }, forever)).total).toBe(1);
    const compared = await ask("compare", { index: place, before: place, kind: null, page }, forever);
    expect(compared.counts).toEqual({ added: 0, changed: 0, removed: 0 });
    expect(await ask("peek", { index: place, path: "srv/f0000001" }, forever)).toMatchObject({
      ordinal: 1,
      entry: { path: "srv/f0000001", member: 3 },
    });
    await expect(ask("folder", { index: place, path: "srw", page }, forever)).rejects.toMatchObject({
      kind: "missing",
      hint: "did you mean /srv?",
    });
  });

  it("gives up what nobody waits for any more", async () => {
    const place = await index(many);
    const { ask } = browser();
    const cancel = new AbortController();
    const asked = ask("search", { index: place, text: "f", page }, cancel.signal);
    cancel.abort();
    await expect(asked).rejects.toMatchObject({ kind: "cancelled" });
    await expect(ask("folder", { index: place, path: "", page }, cancel.signal)).rejects.toMatchObject({
      name: "AbortError",
    });
    expect((await ask("search", { index: place, text: "f", page }, forever)).total).toBe(many);
  });

  it("ends some time after the last question, and is started anew for the next", async () => {
    const place = await index(3);
    const { ask } = browser(1);
    const peek = () => ask("peek", { index: place, path: "srv/f0000001" }, forever);
    await ask("folder", { index: place, path: "", page }, forever);
    // What was in its memory is gone with it.
    await vi.waitFor(async () => expect(await peek()).toBeNull(), { timeout: 20_000 });
    expect((await ask("folder", { index: place, path: "srv", page }, forever)).total).toBe(3);
  });

  it("fails what it was asked when it is ended, and tells that it has", async () => {
    const thread = startThread();
    const asked = thread.ask("search", { index: await index(many), text: "f", page }, forever);
    expect(thread.isBusy()).toBe(true);
    const failed = asked.catch((thrown: unknown) => thrown);
    await thread.end();
    expect(await failed).toMatchObject({ kind: "failed" });
    expect([thread.hasEnded(), thread.isBusy()]).toEqual([true, false]);
  });

  it("leaves the program's own thread free while it reads a large index", async () => {
    const place = await index(many);
    let longest = 0;
    let last = process.threadCpuUsage();
    // Processor time, since on a busy machine nobody is ever free for long.
    const beat = setInterval(() => {
      longest = Math.max(longest, process.threadCpuUsage(last).user / 1000);
      last = process.threadCpuUsage();
    }, 1);
    await browser().ask("search", { index: place, text: "f", page }, forever);
    clearInterval(beat);
    expect(longest).toBeLessThan(50);
  });
});
