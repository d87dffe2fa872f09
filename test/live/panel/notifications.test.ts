import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers } from "../../fixtures/live/engine.ts";
import { labelledModule } from "../../fixtures/live/labelled-module.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { chat, startBotApi, token } from "../../fixtures/notify/bot-api.ts";
import { startMailServer } from "../../fixtures/notify/mail-server.ts";
import { bridgeToDesktop } from "../../fixtures/panel/desktop-bridge.ts";
import { expectAccessible } from "../../fixtures/panel/expect-accessible.ts";
import {
  closeBrowser,
  expectNoOverflow,
  goTo,
  type Look,
  narrow,
  openPage,
  signIn,
  wide,
} from "../../fixtures/panel/open-browser.ts";
import { servePanelFiles } from "../../fixtures/panel/serve-panel-files.ts";

const containers = new Containers();
const password = "correct horse battery";
beforeAll(async () => ensureBusyboxImage());
afterEach(async () => containers.removeAll());
afterAll(closeBrowser);

const looks: readonly Required<Pick<Look, "width" | "scheme">>[] = [
  { width: wide, scheme: "light" },
  { width: narrow, scheme: "dark" },
];

/** A Davit with these settings. */
async function serve(environment: Record<string, string>): Promise<ServedDavit> {
  const { davit } = await labelledModule(containers, async (source) => mkdir(join(source, "data")));
  Object.assign(davit.environment, { DAVIT_PASSWORD: password, ...environment });
  return ServedDavit.over(davit);
}

async function look(
  page: Page,
  name: string,
  { width, scheme }: Required<Pick<Look, "width" | "scheme">>,
): Promise<void> {
  const picture = `${name}-${scheme}-${width === wide ? "wide" : "narrow"}`;
  await expectAccessible(page, picture);
  await expectNoOverflow(page, picture);
}

it("a test is sent over each channel, and what became of each is said", async () => {
  const server = await startMailServer({ plain: true });
  const api = await startBotApi();
  const { url } = await serve({
    DAVIT_SMTP_URL: `smtp://127.0.0.1:${server.port}`,
    DAVIT_MAIL_FROM: "davit@example.org",
    DAVIT_MAIL_TO: "me@example.org",
    DAVIT_TELEGRAM_TOKEN: token,
    DAVIT_TELEGRAM_CHAT: chat,
    DAVIT_TELEGRAM_API: api.url,
  });
  for (const one of looks) {
    server.refused.clear();
    const { page, complaints } = await openPage(one);
    await signIn(page, url, password);
    await goTo(page, "/settings");
    const card = page.getByRole("region", { name: "Notifications" });
    await card.getByRole("listitem").filter({ hasText: "E-mail to me@example.org" }).waitFor();
    const sent = [server.mails.length, api.texts.length];
    await card.getByRole("button", { name: "Send a test" }).click();
    await card.getByText("Sent. It answered: 250").waitFor();
    await card.getByText("Sent. It answered: message").waitFor();
    expect([server.mails.length, api.texts.length]).toEqual(sent.map((count) => count + 1));
    server.refused.add("me@example.org");
    await card.getByRole("button", { name: "Send a test" }).click();
    await card.getByText("no such user here").waitFor();
    await card.getByText("look at DAVIT_MAIL_FROM and DAVIT_MAIL_TO").waitFor();
    await look(page, "notifications", one);
    expect(complaints).toEqual([]);
  }
  expect(server.mails[0]?.raw).toContain(": a test");
});

it("where nobody is told yet, the lines that would are there to copy", async () => {
  const { url } = await serve({});
  for (const one of looks) {
    const { page, context, complaints } = await openPage(one);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(page, url, password);
    await goTo(page, "/settings");
    const card = page.getByRole("region", { name: "Notifications" });
    await card.getByRole("button", { name: "Copy the lines" }).click();
    await card.getByText("Copied").waitFor();
    expect(await page.evaluate(async () => navigator.clipboard.readText())).toContain("DAVIT_SMTP_URL: smtp://");
    expect(await card.getByRole("button", { name: "Send a test" }).count()).toBe(0);
    await look(page, "no-notifications", one);
    expect(complaints).toEqual([]);
  }
});

it("the tab of Docker Desktop sends a test through its client", async () => {
  const server = await startMailServer({ plain: true });
  const { davit } = await labelledModule(containers, async (source) => mkdir(join(source, "data")));
  const socket = join(davit.state, "desktop.sock");
  Object.assign(davit.environment, {
    DAVIT_SOCKET: socket,
    DAVIT_SMTP_URL: `smtp://127.0.0.1:${server.port}`,
    DAVIT_MAIL_FROM: "davit@example.org",
    DAVIT_MAIL_TO: "me@example.org",
  });
  await ServedDavit.over(davit);
  const { page, complaints } = await openPage();
  await bridgeToDesktop(page, socket, davit.root);
  await page.goto(await servePanelFiles());
  await page.getByRole("heading", { level: 1 }).waitFor();
  await goTo(page, "/settings");
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("Sent. It answered: 250").waitFor();
  expect(server.mails).toHaveLength(1);
  expect(complaints).toEqual([]);
});
