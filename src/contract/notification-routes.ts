import { changed, shown } from "./api-route.ts";
import { deliveryReport, notificationView } from "./notification.ts";

/** How people are told of problems. */
export const notificationRoutes = {
  notifications: {
    ...shown,
    path: "/api/v1/notifications",
    summary: "How people are told of problems: the channels, without secrets",
    answer: notificationView,
  },
  testNotifications: {
    ...changed,
    path: "/api/v1/notifications/test",
    summary: "Send a test message over each channel; the answer has what became of each, which may take half a minute",
    status: 200,
    answer: deliveryReport,
  },
} as const;
