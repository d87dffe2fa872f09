import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { bridgeToDesktop } from "../../fixtures/panel/desktop-bridge.ts";
import { startHomeLab } from "../../fixtures/panel/home-lab.ts";
import { closeBrowser, goTo, openPage } from "../../fixtures/panel/open-browser.ts";
import { servePanelFiles } from "../../fixtures/panel/serve-panel-files.ts";

afterAll(closeBrowser);

it("the tab of Docker Desktop does through its client what the browser does: back up, find, look, restore, undo", async () => {
  const lab = await startHomeLab();
  const { davit, containers } = lab;
  const socket = join(davit.state, "desktop.sock");
  davit.environment["DAVIT_SOCKET"] = socket;
  await ServedDavit.over(davit);
  const source = join(davit.root, "wiki");
  const note = join(source, "notes", "note-3.md");
  const before = await readFile(note, "utf8");

  const { page, complaints } = await openPage();
  const target = join(davit.vault, "..", "looked-at");
  const calls = await bridgeToDesktop(page, socket, target);
  await page.goto(await servePanelFiles());
  // Docker Desktop vouches for whoever opens the tab: no password.
  await page.getByRole("heading", { level: 1, name: "is not safe" }).waitFor();
  expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);

  const card = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: "wiki" }) });
  await card.getByRole("button", { name: "Back up now" }).click();
  await card.getByText("2 backups").waitFor({ timeout: 60_000 });

  await goTo(page, "/modules/wiki");
  await page.getByRole("button", { name: "Show in Docker Desktop" }).click();
  await expect.poll(() => calls.viewed).toEqual([containers.get("wiki-app-1")]);

  await page.getByRole("list", { name: "Backups", exact: true }).getByRole("link").first().click();
  await page.getByLabel("Search in this backup").fill("note-3");
  await page.getByRole("button", { name: /note-3\.md$/u }).click();
  await page.getByRole("dialog").getByText("# Note 3").waitFor();
  await page.getByText("Docker Desktop can't download files").waitFor();
  await page.getByRole("button", { name: "Close" }).click();

  await page.getByRole("checkbox", { name: /note-3\.md$/u }).check();
  await page.getByRole("button", { name: "Restore", exact: true }).last().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Choose" }).click();
  await dialog.getByText("1 entries").waitFor();
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await dialog.getByText("All is back").waitFor({ timeout: 60_000 });
  await dialog.getByRole("button", { name: "Close" }).click();
  expect(await readFile(join(target, note), "utf8")).toBe(before);

  await writeFile(note, "spoilt");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await dialog.getByLabel("Back to where the data came from").check();
  await dialog.getByLabel("Type wiki to confirm").fill("wiki");
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await dialog.getByText("All is back").waitFor({ timeout: 120_000 });
  expect(await readFile(note, "utf8")).toBe(before);
  await dialog.getByRole("button", { name: "Undo" }).click();
  await dialog.getByText("The data is as it was before").waitFor({ timeout: 120_000 });
  expect(await readFile(note, "utf8")).toBe("spoilt");

  await goTo(page, "/activity");
  await page.getByRole("listitem").filter({ hasText: "gitea" }).getByRole("link", { name: "Backup" }).click();
  await page.getByText("the queue did not drain").last().waitFor();
  expect(complaints).toEqual([]);
});
