import { afterAll, expect, it } from "vitest";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { expectAccessible } from "../../fixtures/panel/expect-accessible.ts";
import { password, startEmptyLab } from "../../fixtures/panel/home-lab.ts";
import { closeBrowser, expectNoOverflow, goTo, narrow, openPage, signIn } from "../../fixtures/panel/open-browser.ts";

afterAll(closeBrowser);

it("a view that breaks says so and leaves the rest of the panel as it was, with a way on", async () => {
  const { davit } = await startEmptyLab();
  const { url } = await ServedDavit.over(davit);
  const { page, context } = await openPage({ width: narrow });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, url, password);
  await page.getByRole("heading", { level: 1, name: "Nothing is backed up yet" }).waitFor();

  // What stands between browser and Davit gives an answer that is none of Davit's.
  await page.route("**/api/v1/runs?*", (route) => route.fulfill({ json: { runs: { of: "another program" } } }));
  await goTo(page, "/activity");
  const alert = page.getByRole("alert");
  await alert.getByRole("heading", { level: 1, name: "This page can't be shown" }).waitFor();
  await expectAccessible(page, "a broken view");
  await expectNoOverflow(page, "a broken view");
  await alert.getByRole("button", { name: "Copy the details" }).click();
  await alert.getByText("Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^\/activity\n\nTypeError: .*filter is not a function/u);

  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  expect(await alert.filter({ hasText: "can't be shown" }).count()).toBe(0);
  await page.goBack();
  await alert.getByRole("link", { name: "Back to the overview" }).click();
  await page.getByRole("heading", { level: 1, name: "Nothing is backed up yet" }).waitFor();

  await goTo(page, "/activity");
  await alert.getByRole("button", { name: "Reload" }).waitFor();
  await page.unroute("**/api/v1/runs?*");
  await alert.getByRole("button", { name: "Reload" }).click();
  await page.getByText("Nothing has run yet.").waitFor();
});
