import { z } from "zod";
import { failureReport } from "./run-event.ts";

export const channelName = z.enum(["email", "telegram", "webhook"]);
export type ChannelName = z.infer<typeof channelName>;

/** A way in which people are told. */
const channel = z.strictObject({
  name: channelName,
  /** Whom it reaches, without secrets: addresses, a chat, a host. */
  to: z.string(),
});

export const notificationView = z.strictObject({
  /** What is told: `problems` and that they are over; `all` is good runs as well. */
  when: z.enum(["problems", "all", "off"]),
  channels: z.array(channel),
});
export type NotificationView = z.infer<typeof notificationView>;

/** What became of one message. */
const delivery = channel.extend({
  /** What the other side answered; null where it took nothing. */
  answer: z.string().nullable(),
  failure: failureReport.nullable(),
});
export type Delivery = z.infer<typeof delivery>;

export const deliveryReport = z.strictObject({ deliveries: z.array(delivery) });
export type DeliveryReport = z.infer<typeof deliveryReport>;

/** One line of news of a module, as a webhook gets it. */
export interface NewsItem {
  module: string;
  /** What of the module it is about; `backup`, `drill` and so on. */
  subject: string;
  /** `problem` is new, or has changed; `reminder` still is; `well` is over; `done` went well. */
  news: "problem" | "reminder" | "well" | "done";
  /** A sentence. */
  text: string;
  /** What was found, and what to do next. */
  because?: string;
  hint?: string;
}

/** What people are told at one time: plain text. */
export interface Message {
  title: string;
  text: string;
  host: string;
  at: string;
  /** Empty in a test. */
  items: readonly NewsItem[];
}
