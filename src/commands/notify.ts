import { hostname } from "node:os";
import { channelName, type Delivery } from "../contract/notification.ts";
import { exitCodes, Failure } from "../failure/failure.ts";
import { testChannels } from "../flow/test-channels.ts";
import { openChannels } from "../notify/open-channels.ts";
import type { Command } from "./command.ts";

const names = channelName.options;

export const notify: Command = {
  name: "notify",
  summary: "send a test message over each channel that is set up",
  usage: `davit notify test [CHANNEL]

Sends a test message by e-mail, Telegram and webhook, as far as they are set up, or by CHANNEL alone (${names.join(", ")}), and says what
each answered. Messages about backups are sent by \`davit serve\`: docs/notifications.md.

Exit code 0 when all were taken; else that of the last that was not.`,
  async run({ names: words, config, output, signal }) {
    const [verb, wanted, ...more] = words;
    if (verb !== "test" || more.length > 0)
      throw new Failure("usage", "notify wants the word test, and at most one channel after it", {
        hint: "`davit notify test` tries them all",
      });
    const { notify: settings, publicUrl, timezone, state } = config();
    const all = openChannels(settings);
    const channels = all.filter(({ name }) => wanted === undefined || name === wanted);
    if (channels.length === 0) throw none(wanted);
    const head = { host: hostname(), panel: publicUrl, timezone, now: new Date() };
    const deliveries = await testChannels({ channels, state }, head, signal);
    for (const delivery of deliveries) for (const line of describe(delivery)) output.line(line);
    output.data(deliveries);
    const failure = deliveries.findLast((one) => one.failure !== null)?.failure;
    return failure ? exitCodes[failure.kind] : 0;
  },
};

function none(wanted: string | undefined): Failure {
  if (wanted !== undefined && !names.some((one) => one === wanted))
    return new Failure("usage", `there is no channel ${wanted}`, { hint: `there are ${names.join(", ")}` });
  const what = wanted === undefined ? "no notifications are" : `${wanted} is not`;
  return new Failure("config", `${what} set up`, { hint: "docs/notifications.md says how" });
}

function describe({ name, to, answer, failure }: Delivery): string[] {
  if (failure === null) return [`ok      ${name.padEnd(8)}  to ${to}: ${answer ?? ""}`];
  const hint = failure.hint === undefined ? [] : [`${" ".repeat(18)}hint: ${failure.hint}`];
  return [`failed  ${name.padEnd(8)}  to ${to}: ${failure.message}`, ...hint];
}
