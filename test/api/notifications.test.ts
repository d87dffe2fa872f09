import { expect, it } from "vitest";
import { deliveryReport, notificationView } from "../../src/contract/notification.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

it("whoever is signed in sees how people are told, and sends a test", async () => {
  const { url, operations } = await startServer();
  operations.channels = [{ name: "email", to: "me@example.org" }];
  operations.deliveries = [{ name: "email", to: "me@example.org", answer: "250 queued", failure: null }];
  const client = await signedInClient(url);
  expect(await jsonOf(client.get("/api/v1/notifications"), notificationView)).toEqual({
    when: "problems",
    channels: operations.channels,
  });
  const sent = await client.post("/api/v1/notifications/test");
  expect(sent.status).toBe(200);
  expect(await jsonOf(sent, deliveryReport)).toEqual({ deliveries: operations.deliveries });
  expect(operations.asked).toEqual([{ what: "test", id: "notifications" }]);
});

it("nobody else does, and no GET sends anything", async () => {
  const { url, operations } = await startServer();
  expect((await fetch(`${url}/api/v1/notifications`)).status).toBe(401);
  expect((await fetch(`${url}/api/v1/notifications/test`, { method: "POST" })).status).toBe(401);
  const client = await signedInClient(url);
  expect((await client.get("/api/v1/notifications/test")).status).toBe(405);
  const forged = await fetch(`${url}/api/v1/notifications/test`, {
    method: "POST",
    headers: { cookie: client.cookie },
  });
  expect(forged.status).toBe(403);
  expect(operations.asked).toEqual([]);
});
