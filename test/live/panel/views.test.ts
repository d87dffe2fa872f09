import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { expectAccessible } from "../../fixtures/panel/expect-accessible.ts";
import { expectReachableByKeys } from "../../fixtures/panel/expect-reachable-by-keys.ts";
import { addHistory, type HomeLab, password, startTidyHomeLab } from "../../fixtures/panel/home-lab.ts";
import {
  closeBrowser,
  expectNoOverflow,
  goTo,
  narrow,
  openPage,
  signIn,
  takePicture,
  wide,
} from "../../fixtures/panel/open-browser.ts";

afterAll(closeBrowser);

/** How each view is reached from the panel, and what shows that it is there. */
const views: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  overview: async (page) => {
    await goTo(page, "/");
    await page.getByRole("heading", { level: 1, name: "is not safe" }).waitFor();
  },
  module: async (page) => {
    await goTo(page, "/modules/nextcloud");
    await page.getByRole("img", { name: /^Hold/u }).waitFor();
    await page.getByRole("rowheader", { name: "davit.schedule" }).waitFor();
  },
  backup: async (page) => {
    await goTo(page, "/modules/nextcloud");
    await page.getByRole("list", { name: "Backups", exact: true }).getByRole("link").first().click();
    for (const folder of ["nextcloud", "notes"]) await page.getByRole("button", { name: folder, exact: true }).click();
    await page.getByRole("button", { name: "note-1.md" }).waitFor();
  },
  preview: async (page) => {
    await page.getByRole("button", { name: "note-1.md" }).click();
    await page.getByRole("dialog").getByText("# Note 1").waitFor();
  },
  compare: async (page) => {
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("tab", { name: "Compare" }).click();
    await page.getByText("today.md").waitFor();
  },
  evidence: async (page) => {
    await page.getByRole("tab", { name: "Evidence" }).click();
    await page.getByRole("heading", { level: 2, name: "Verified" }).waitFor();
  },
  restore: async (page) => {
    await page.getByRole("button", { name: "Restore", exact: true }).click();
    await page.getByLabel("Back to where the data came from").check();
    await page.getByText("renamed aside").waitFor();
  },
  activity: async (page) => {
    await page.getByRole("button", { name: "Cancel" }).click();
    await goTo(page, "/activity");
    await page.getByRole("heading", { level: 1, name: "Activity" }).waitFor();
    await page.getByText("failed").first().waitFor();
  },
  run: async (page) => {
    await page.getByRole("listitem").filter({ hasText: "gitea" }).getByRole("link", { name: "Backup" }).click();
    await page.getByText("ended: failed").waitFor();
  },
  "machines-none": async (page) => {
    await goTo(page, "/machines");
    await page.getByRole("heading", { level: 1, name: "Machines" }).waitFor();
  },
  shares: async (page) => {
    await goTo(page, "/shares");
    await page.getByRole("heading", { level: 1, name: "Shares" }).waitFor();
  },
  copies: async (page) => {
    await goTo(page, "/copies");
    await page.getByRole("heading", { level: 1, name: "Copies" }).waitFor();
  },
  settings: async (page) => {
    await goTo(page, "/settings");
    await page.getByText("API tokens").waitFor();
    await page.getByText("dockerHost").waitFor();
    await page.getByText("Nothing is wrong.").waitFor();
  },
};

it(
  "every view is accessible, by keys alone as well, holds what it shows, and is refused nothing by its policy: light and dark, wide and narrow",
  { timeout: 900_000 },
  async () => {
    const lab: HomeLab = await startTidyHomeLab();
    await addHistory(lab, "nextcloud", 110);
    const served = await ServedDavit.over(lab.davit);
    for (const scheme of ["light", "dark"] as const)
      for (const width of [wide, narrow]) {
        const { page, complaints, context } = await openPage({ width, scheme });
        await page.goto(served.url);
        await page.getByLabel("Password", { exact: true }).waitFor();
        const looked = async (name: string): Promise<void> => {
          const picture = `${name}-${scheme}-${width === wide ? "wide" : "narrow"}`;
          await takePicture(page, picture);
          await expectAccessible(page, picture);
          await expectNoOverflow(page, picture);
          // The same elements have the focus in each look, and one width is enough.
          if (scheme === "light" && width === wide) await expectReachableByKeys(page, name);
        };
        await looked("sign-in");
        await signIn(page, served.url, password);
        for (const [name, reach] of Object.entries(views)) {
          await reach(page);
          await looked(name);
        }
        expect(complaints).toEqual([]);
        await context.close();
      }
    // As Docker asks of the pictures of an extension: 2400 by 1600 points.
    const { page } = await openPage({ width: 1200, height: 800, scale: 2 });
    await signIn(page, served.url, password);
    for (const name of ["overview", "module", "backup"]) {
      await views[name]?.(page);
      await takePicture(page, `extension-${name}`, 800);
    }
  },
);
