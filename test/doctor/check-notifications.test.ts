import { expect, it } from "vitest";
import { checkNotifications } from "../../src/doctor/check-notifications.ts";

const email = { name: "email", to: "me@example.org", failure: null };
const failure = {
  since: "2026-11-22T02:00:00.000Z",
  report: { kind: "config" as const, message: "the mail server refused user name or password", hint: "look at it" },
};

it("the doctor says whom problems reach, and that nobody is told where they reach nobody", () => {
  expect(checkNotifications({ when: "problems", channels: [email] })).toMatchObject({
    status: "ok",
    message: "problems are told by email to me@example.org",
  });
  expect(checkNotifications({ when: "problems", channels: [] })).toMatchObject({ status: "ok" });
  expect(checkNotifications({ when: "off", channels: [{ ...email, failure }] })).toMatchObject({ status: "ok" });
  expect(checkNotifications({ when: "all", channels: [email, { ...email, name: "telegram", failure }] })).toEqual({
    name: "notifications",
    status: "error",
    message: "nobody is told by telegram since 2026-11-22T02:00:00.000Z: the mail server refused user name or password",
    hint: "look at it; then `davit notify test telegram`",
  });
});
