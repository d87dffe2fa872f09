import type { ChannelName, Message } from "../contract/notification.ts";

/** A way in which people are told. */
export interface Channel {
  name: ChannelName;
  /** Whom it reaches, without secrets. */
  to: string;
  /**
   * Sends a message, within half a minute; gives what the other side answered. Throws a Failure without a secret in it: `unreachable`
   * where another try may do, `TryLater` where the other side says when, everything else where somebody has to mend something.
   */
  send(message: Message, signal: AbortSignal): Promise<string>;
}
