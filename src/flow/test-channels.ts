import type { Delivery } from "../contract/notification.ts";
import { asFailure } from "../failure/failure.ts";
import type { Channel } from "../notify/channel.ts";
import { type ChannelMemories, readMemories, writeMemories } from "../notify/channel-memories.ts";
import { type Letterhead, writeTestMessage } from "../notify/write-message.ts";

/**
 * Sends a test message over each channel, all at once, and gives what each answered; of one that took it, an earlier failure is
 * forgotten. Throws nothing but a cancel.
 */
export async function testChannels(
  { channels, state }: { channels: readonly Channel[]; state: string },
  head: Letterhead,
  signal: AbortSignal,
): Promise<Delivery[]> {
  const message = writeTestMessage(head);
  const deliveries = await Promise.all(
    channels.map(async (channel): Promise<Delivery> => {
      const { name, to } = channel;
      try {
        return { name, to, answer: await channel.send(message, signal), failure: null };
      } catch (thrown) {
        signal.throwIfAborted();
        const { kind, message: why, hint } = asFailure(thrown);
        return { name, to, answer: null, failure: { kind, message: why, ...(hint !== undefined && { hint }) } };
      }
    }),
  );
  await forgetFailures(state, deliveries);
  return deliveries;
}

/** What can't be forgotten now is forgotten with the next message. */
async function forgetFailures(state: string, deliveries: readonly Delivery[]): Promise<void> {
  const memories = await readMemories(state).catch((): ChannelMemories => ({}));
  const mended = deliveries.flatMap(({ name, failure }) => (failure === null ? (memories[name] ?? []) : []));
  if (mended.every((one) => one.failure === null)) return;
  for (const one of mended) one.failure = null;
  await writeMemories(state, memories).catch(() => undefined);
}
