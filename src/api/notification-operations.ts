import type { Davit } from "../flow/davit.ts";
import { testChannels } from "../flow/test-channels.ts";
import { openChannels } from "../notify/open-channels.ts";
import type { NotificationOperations } from "./operations.ts";

/** How people are told, as it is configured. */
export function createNotificationOperations({ config, host, now }: Davit): NotificationOperations {
  const { notify, publicUrl, timezone, state } = config;
  const channels = openChannels(notify);
  return {
    notifications: () => ({ when: notify.when, channels: channels.map(({ name, to }) => ({ name, to })) }),
    testNotifications: (signal) =>
      testChannels({ channels, state }, { host: host.name, panel: publicUrl, timezone, now: now() }, signal),
  };
}
