import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { bridgeToDesktop, type DesktopCalls } from "../../fixtures/panel/desktop-bridge.ts";
import { type HomeLab, startEmptyLab, startHomeLab } from "../../fixtures/panel/home-lab.ts";
import { closeBrowser, goTo, type OpenedPage, openPage } from "../../fixtures/panel/open-browser.ts";
import { servePanelFiles } from "../../fixtures/panel/serve-panel-files.ts";

afterAll(closeBrowser);

interface Tab extends OpenedPage {
  calls: DesktopCalls;
}

/** Davit's backend as Docker Desktop starts it, and its tab; a folder that is asked for is `folder`. */
async function openTab({ davit }: HomeLab, folder: string): Promise<Tab> {
  const socket = join(davit.state, "desktop.sock");
  davit.environment["DAVIT_SOCKET"] = socket;
  await ServedDavit.over(davit);
  const opened = await openPage();
  const calls = await bridgeToDesktop(opened.page, socket, folder);
  await opened.page.goto(await servePanelFiles());
  return { ...opened, calls };
}

it("the tab of Docker Desktop does through its client what the browser does: back up, find, look, restore, undo", async () => {
  const lab = await startHomeLab();
  const { davit, containers } = lab;
  const source = join(davit.root, "wiki");
  const note = join(source, "notes", "note-3.md");
  const before = await readFile(note, "utf8");

  const target = join(davit.vault, "..", "looked-at");
  const { page, calls, complaints } = await openTab(lab, target);
  // Docker Desktop vouches for whoever opens the tab: no password.
  await page.getByRole("heading", { level: 1, name: "is not safe" }).waitFor();
  expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);

  const card = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: "wiki" }) });
  await card.getByRole("button", { name: "Back up now" }).click();
  await card.getByText("2 backups").waitFor({ timeout: 60_000 });

  await goTo(page, "/modules/wiki");
  await page.getByRole("button", { name: "Show in Docker Desktop: wiki-app-1" }).click();
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
  await dialog.getByText("1 entry to restore").waitFor();
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

it("what fails beside the view is a toast of Docker Desktop; containers and volumes are shown there", async () => {
  const lab = await startHomeLab();
  const { page, calls, complaints } = await openTab(lab, "/");
  await page.getByRole("heading", { level: 1, name: "is not safe" }).waitFor();
  await goTo(page, "/modules/gitea");
  await page.getByRole("button", { name: "Back up now" }).click();
  const told = expect.stringMatching(/^error: the hook davit\.exec\.hold of gitea-app-1 .* ended with exit code 3/u);
  await expect.poll(() => calls.toasts, { timeout: 60_000 }).toEqual([told]);
  expect(calls.toasts[0]).not.toContain("`");
  expect(await page.getByRole("alert").filter({ hasText: "exit code 3" }).getByRole("button").count()).toBe(0);

  await goTo(page, "/modules/paperless");
  await page.getByText("paperless_media").waitFor();
  await page.getByRole("button", { name: "Show in Docker Desktop: paperless_media" }).click();
  await expect.poll(() => calls.viewed).toEqual(["volume paperless_media"]);
  await page.getByRole("button", { name: "Show in Docker Desktop: paperless-web-1" }).click();
  await expect.poll(() => calls.viewed).toContain(lab.containers.get("paperless-web-1"));
  expect(calls.toasts).toHaveLength(1);
  expect(complaints).toEqual([]);
});

it("the tab says where the backups lie, and that they stay; the engine knows that volume from then on", async () => {
  const lab = await startEmptyLab();
  const { DockerRootDir: root } = await lab.engine.client.info();
  lab.davit.environment["DAVIT_VAULT"] = join(String(root), "volumes/davit-vault/_data/backups");
  const { page, calls, complaints } = await openTab(lab, "/");
  await page.getByRole("heading", { level: 1, name: "Nothing is backed up yet" }).waitFor();
  await page.getByText("Backups lie in the volume davit-vault").waitFor();
  await page.getByText("Removing this extension leaves it as it is").waitFor();
  await page.getByRole("button", { name: "Show in Docker Desktop: davit-vault" }).click();
  await expect.poll(() => calls.viewed).toEqual(["volume davit-vault"]);
  const volume = await lab.engine.client.getVolume("davit-vault").inspect();
  expect(await readdir(volume.Mountpoint)).toContain("backups");

  await goTo(page, "/settings");
  await page.getByRole("heading", { name: "Where the backups lie" }).waitFor();
  await page.getByText("Backups lie in the volume davit-vault").waitFor();
  expect(complaints).toEqual([]);
});
