import type { Message } from "../contract/notification.ts";
import type { OverviewModule } from "../contract/overview.ts";
import type { Davit } from "./davit.ts";
import { asFailure, type Failure } from "../failure/failure.ts";
import type { Channel } from "../notify/channel.ts";
import { type ChannelMemories, type ChannelMemory, readMemories, writeMemories } from "../notify/channel-memories.ts";
import { decideNews, isSilent, type Present } from "../notify/decide-news.ts";
import { findTroubles } from "../notify/find-troubles.ts";
import { TryLater } from "../notify/try-later.ts";
import { writeMessage } from "../notify/write-message.ts";

export interface TellerOptions {
  davit: Told;
  channels: readonly Channel[];
  /** All modules, as they are now. */
  modules: () => Promise<readonly OverviewModule[]>;
  log: Log;
}

/** What is told from. */
type Told = Pick<Davit, "config" | "host" | "now"> & { runs: Pick<Davit["runs"], "list"> };

interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** A channel that took nothing, so often in a row, is left alone until then. */
interface Rest {
  failures: number;
  until: number;
}

/** After one failure, two, and so on: a mail server that is down is asked soon again, and not every minute for a week. */
const restsMs = [30_000, 120_000, 600_000, 1_800_000, 3_600_000];
/** Where somebody has to mend something: a wrong password that is tried too often locks people out. */
const restToMendMs = 3_600_000;
/** Of each module the last verification and drill should be among them. */
const runsLookedAt = 1000;
const fresh: ChannelMemory = { told: {}, runsUntil: null, failure: null };

/**
 * Makes what looks for news and tells each channel those that it has not told yet. What a channel has told is on disk, so that a
 * restart repeats nothing; what it did not take stays news. The look gives the ms after which a channel wants another
 * one, Infinity where none does; what it throws is about the look, never about a channel.
 */
export function createTeller(options: TellerOptions): (signal: AbortSignal) => Promise<number> {
  const { davit, channels, log } = options;
  const { config, host, now } = davit;
  const { state, publicUrl, timezone } = config;
  const head = { host: host.name, panel: publicUrl, timezone };
  const rests = new Map<string, Rest>();
  /** What could not be written down; null where the file has it all. */
  let unwritten: ChannelMemories | null = null;

  const load = async (): Promise<ChannelMemories> =>
    readMemories(state).catch((thrown: unknown) => {
      log.warn({ err: asFailure(thrown) }, "what was told is not known");
      return {};
    });
  const keep = async (all: ChannelMemories, { name }: Channel, memory: ChannelMemory): Promise<void> => {
    if (JSON.stringify(all[name]) === JSON.stringify(memory)) return;
    all[name] = memory;
    try {
      await writeMemories(state, all);
      unwritten = null;
    } catch (thrown) {
      unwritten = all;
      log.warn({ err: asFailure(thrown) }, "can't write down what was told: it is told again after a restart");
    }
  };
  const tell = async (channel: Channel, before: ChannelMemory, present: Present, signal: AbortSignal) => {
    const { news, after } = decideNews(before, present);
    if (isSilent(news)) {
      rests.delete(channel.name); // what it did not take is over
      return { ...after, failure: before.failure };
    }
    const message = writeMessage(news, { ...head, now: present.now });
    try {
      const answer = await channel.send(message, signal);
      rests.delete(channel.name);
      log.info({ channel: channel.name, title: message.title, answer }, "told");
      return { ...after, failure: null };
    } catch (thrown) {
      if (signal.aborted) return before;
      return notTaken(channel, message, before, asFailure(thrown));
    }
  };
  const notTaken = (channel: Channel, message: Message, before: ChannelMemory, failure: Failure): ChannelMemory => {
    const failures = (rests.get(channel.name)?.failures ?? 0) + 1;
    const ms = restAfter(failure, failures);
    rests.set(channel.name, { failures, until: now().getTime() + ms });
    const about = { channel: channel.name, title: message.title, err: failure };
    log.warn(about, `a message was not taken; it is tried again in ${Math.ceil(ms / 1000)} seconds`);
    const { kind, message: why, hint } = failure;
    const report = { kind, message: why, ...(hint !== undefined && { hint }) };
    return { ...before, failure: { since: before.failure?.since ?? now().toISOString(), report } };
  };

  return async (signal) => {
    if (channels.length === 0) return Infinity;
    const all = unwritten ?? (await load());
    const modules = await options.modules();
    const runs = await davit.runs.list({ limit: runsLookedAt });
    const troubles = findTroubles(modules, runs, now());
    const present = { troubles, runs, now: now(), all: config.notify.when === "all" };
    const awake = channels.filter(({ name }) => (rests.get(name)?.until ?? 0) <= now().getTime());
    for (const channel of awake) {
      if (signal.aborted) break;
      await keep(all, channel, await tell(channel, all[channel.name] ?? fresh, present, signal));
    }
    return Math.min(...[...rests.values()].map((rest) => Math.max(0, rest.until - now().getTime())), Infinity);
  };
}

function restAfter(failure: Failure, failures: number): number {
  if (failure instanceof TryLater) return failure.afterMs;
  if (failure.kind !== "unreachable") return restToMendMs;
  return restsMs[Math.min(failures, restsMs.length) - 1] ?? restToMendMs;
}
