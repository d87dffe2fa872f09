import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../../src/contract/notification.ts";
import type { OverviewModule } from "../../src/contract/overview.ts";
import type { RunSummary } from "../../src/contract/run-event.ts";
import { Failure } from "../../src/failure/failure.ts";
import { createTeller } from "../../src/flow/tell-news.ts";
import { testChannels } from "../../src/flow/test-channels.ts";
import type { Channel } from "../../src/notify/channel.ts";
import { readMemories } from "../../src/notify/channel-memories.ts";
import { TryLater } from "../../src/notify/try-later.ts";
import { configWith } from "../fixtures/container.ts";
import { endedRun, overviewModule } from "../fixtures/notify/overview-module.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

/** A channel that takes everything, or fails as it is told to. */
class TestChannel implements Channel {
  readonly to = "somebody";
  readonly titles: string[] = [];
  readonly name: Channel["name"];
  failure: Failure | null = null;
  tries = 0;

  constructor(name: Channel["name"]) {
    this.name = name;
  }

  async send({ title }: Message): Promise<string> {
    this.tries += 1;
    if (this.failure !== null) throw this.failure;
    this.titles.push(title.replace("Davit on docker1: ", ""));
    return "taken";
  }
}

const failed = endedRun("backup", "nas", "2026-11-22T02:00:00.000Z", "failed");
const backedUp = endedRun("backup", "nas", "2026-11-22T08:00:00.000Z", "ok");
const signal = new AbortController().signal;
const down = new Failure("unreachable", "the mail server does not answer");

let runs: RunSummary[];
let minutes: number;
let warnings: string[];
beforeEach(() => {
  runs = [failed];
  minutes = 0;
  warnings = [];
});

function teller(state: string, channels: Channel[], when: "problems" | "all" = "problems") {
  return createTeller({
    davit: {
      config: configWith({ state, notify: { when, email: null, telegram: null, webhook: null } }),
      host: { id: "5f0c", name: "docker1" },
      now: () => new Date(Date.parse("2026-11-22T12:00:00Z") + minutes * 60_000),
      runs: { list: async () => runs },
    },
    channels,
    modules: async (): Promise<OverviewModule[]> => [overviewModule("nas", runs)],
    log: { info: () => {}, warn: (_, message) => void warnings.push(message) },
  });
}

describe("the news", () => {
  it("are told once, and once that they are over, across restarts", async () => {
    const state = await scratchFolder();
    const email = new TestChannel("email");
    const look = teller(state, [email]);
    expect(await look(signal)).toBe(Infinity);
    await look(signal);
    await teller(state, [email])(signal);
    expect(email.titles).toEqual(["nas was not backed up"]);
    runs = [backedUp, failed];
    await teller(state, [email])(signal);
    await teller(state, [email])(signal);
    expect(email.titles).toEqual(["nas was not backed up", "nas backed up again"]);
  });

  it("reach one channel while another is down, which gets them later, more and more patiently", async () => {
    const [email, telegram] = [new TestChannel("email"), new TestChannel("telegram")];
    const look = teller(await scratchFolder(), [email, telegram]);
    email.failure = down;
    expect(await look(signal)).toBe(30_000);
    expect(telegram.titles).toEqual(["nas was not backed up"]);
    await look(signal);
    expect(email.tries).toBe(1);
    minutes = 1;
    expect(await look(signal)).toBe(120_000);
    minutes = 10;
    email.failure = null;
    expect(await look(signal)).toBe(Infinity);
    expect([email.titles, telegram.titles]).toEqual([["nas was not backed up"], ["nas was not backed up"]]);
    expect(warnings).toHaveLength(2);
  });

  it("are tried once an hour where somebody has to mend something, and when a flooded service says", async () => {
    const email = new TestChannel("email");
    const look = teller(await scratchFolder(), [email]);
    email.failure = new Failure("config", "wrong password");
    expect(await look(signal)).toBe(3_600_000);
    minutes = 61;
    email.failure = new TryLater("too many", 34_000);
    expect(await look(signal)).toBe(34_000);
  });

  it("that are over before a channel takes them are never told", async () => {
    const email = new TestChannel("email");
    const look = teller(await scratchFolder(), [email]);
    email.failure = down;
    await look(signal);
    email.failure = null;
    runs = [backedUp, failed];
    minutes = 5;
    expect(await look(signal)).toBe(Infinity);
    expect(email.titles).toEqual([]);
  });

  it("have good runs among them only where that is wished", async () => {
    const state = await scratchFolder();
    const email = new TestChannel("email");
    const look = teller(state, [email], "all");
    runs = [];
    await look(signal);
    runs = [endedRun("backup", "nas", "2026-11-22T12:30:00.000Z", "ok")];
    await look(signal);
    await look(signal);
    expect(email.titles).toEqual(["nas backed up (nas/20261122T020000Z)"]);
  });

  it("are told again where nobody knows what was told, and not over and over where that can't be written", async () => {
    const state = await scratchFolder();
    const file = join(state, "notifications.json");
    const email = new TestChannel("email");
    await writeFile(file, "{ torn");
    const look = teller(state, [email]);
    await look(signal);
    await look(signal);
    expect(email.titles).toEqual(["nas was not backed up"]);
    await rm(file);
    await mkdir(file);
    const other = teller(state, [email]);
    await other(signal);
    await other(signal);
    expect(email.titles).toEqual(["nas was not backed up", "nas was not backed up"]);
    expect(warnings).toContain("can't write down what was told: it is told again after a restart");
  });

  it("leave no message half remembered when the program stops", async () => {
    const state = await scratchFolder();
    const email = new TestChannel("email");
    const stop = new AbortController();
    email.failure = new Failure("cancelled", "cancelled");
    const look = teller(state, [email]);
    const going = look(stop.signal);
    stop.abort();
    await going;
    expect(Object.keys((await readMemories(state)).email?.told ?? {})).toEqual([]);
  });
});

it("a channel that fails is remembered as failing until a message or a test is taken", async () => {
  const state = await scratchFolder();
  const email = new TestChannel("email");
  email.failure = down;
  await teller(state, [email])(signal);
  expect((await readMemories(state)).email?.failure?.report.message).toBe(down.message);
  const head = { host: "docker1", panel: null, timezone: "UTC", now: new Date() };
  const [refused] = await testChannels({ channels: [email], state }, head, signal);
  expect(refused).toMatchObject({ name: "email", answer: null, failure: { kind: "unreachable" } });
  expect((await readMemories(state)).email?.failure).not.toBeNull();
  email.failure = null;
  const [taken] = await testChannels({ channels: [email], state }, head, signal);
  expect(taken).toEqual({ name: "email", to: "somebody", answer: "taken", failure: null });
  expect((await readMemories(state)).email?.failure).toBeNull();
  expect(await readFile(join(state, "notifications.json"), "utf8")).toContain('"format":1');
});
