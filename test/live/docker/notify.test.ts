import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { moduleList } from "../../../src/contract/api.ts";
import { deliveryReport, notificationView } from "../../../src/contract/notification.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers } from "../../fixtures/live/engine.ts";
import { labelledModule } from "../../fixtures/live/labelled-module.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { startMailServer } from "../../fixtures/notify/mail-server.ts";

const containers = new Containers();
const password = "correct horse battery";
beforeAll(async () => ensureBusyboxImage());
afterEach(async () => containers.removeAll());

it("a mail tells of a module that fails, and another one, from a Davit that was started anew, that it is well again", async () => {
  const server = await startMailServer({ login: { user: "davit", password: "open sesame" } });
  const { davit, module, source } = await labelledModule(containers, async (folder) => mkdir(join(folder, "data")), {
    "davit.hold": "hooks",
    "davit.exec.hold": "sh -c 'test -f /data/mended || { echo the cellar is flooded; exit 3; }'",
    "davit.exec.release": "true",
  });
  Object.assign(davit.environment, {
    DAVIT_PASSWORD: password,
    DAVIT_SMTP_URL: `smtp://davit:open%20sesame@localhost:${server.port}`,
    DAVIT_MAIL_FROM: "davit@example.org",
    DAVIT_MAIL_TO: "me@example.org",
    DAVIT_PUBLIC_URL: "https://davit.lan",
    NODE_EXTRA_CA_CERTS: server.ca,
  });
  // Others' modules may be on the same engine.
  const mails = (): string[] => server.mails.map(({ raw }) => decoded(raw)).filter((mail) => mail.includes(module));
  const serve = async (): Promise<ServedDavit> => {
    const served = await ServedDavit.over(davit);
    await served.signIn(password);
    const names = async () => (await served.get("/api/v1/modules", moduleList)).modules.map((one) => one.name);
    await expect.poll(names, { timeout: 30_000 }).toContain(module);
    return served;
  };

  const first = await serve();
  expect(await first.get("/api/v1/notifications", notificationView)).toEqual({
    when: "problems",
    channels: [{ name: "email", to: "me@example.org" }],
  });
  const { deliveries } = await first.post("/api/v1/notifications/test", deliveryReport);
  expect(deliveries).toMatchObject([{ name: "email", failure: null, answer: expect.stringContaining("250") }]);
  await first.eventsOf(await first.begin(`/api/v1/modules/${module}/backup`));
  await expect.poll(mails, { timeout: 90_000 }).toHaveLength(1);
  expect(mails()[0]).toContain(`${module} was not backed up\r\n  why: `);
  expect(mails()[0]).toContain("ended with exit code 3");
  expect(mails()[0]).toContain("The panel: https://davit.lan/");
  expect(server.mails.every((mail) => mail.secure && mail.user === "davit")).toBe(true);

  expect(await first.end("SIGTERM")).toBe(0);
  const second = await serve();
  await writeFile(join(source, "mended"), "");
  await second.finish(`/api/v1/modules/${module}/backup`);
  await expect.poll(mails, { timeout: 90_000 }).toHaveLength(2);
  expect(mails()[1]).toContain(`${module}: backed up again`);
  expect(first.printed.stderr + second.printed.stderr).not.toContain("sesame");
  expect(await second.end("SIGTERM")).toBe(0);
});

/** A mail with its quoted-printable lines (RFC 2045, 6.7) as they were; none of ours has anything but ASCII in it. */
function decoded(raw: string): string {
  return raw
    .replaceAll("=\r\n", "")
    .replaceAll(/=([\dA-F]{2})/gu, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
