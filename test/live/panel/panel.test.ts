import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { moduleList } from "../../../src/contract/api.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, stateOf } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { closeBrowser, goTo, openPage, signIn } from "../../fixtures/panel/open-browser.ts";

const containers = new Containers();
const password = "correct horse battery";
beforeAll(async () => ensureBusyboxImage());
afterEach(async () => containers.removeAll());
afterAll(closeBrowser);

const letter = "Dear reader,\nthis is the letter.\n";

async function fill(source: string): Promise<void> {
  await writeFile(join(source, "letter.txt"), letter);
  await writeFile(join(source, "noise.bin"), Buffer.alloc(300_000, 7));
}

interface Scene extends LabelledModule {
  page: Page;
  served: ServedDavit;
  complaints: string[];
}

/** A module, a Davit that serves it, and a person who has signed in. */
async function open(labels: Record<string, string> = {}): Promise<Scene> {
  const made = await labelledModule(containers, fill, labels);
  made.davit.environment["DAVIT_PASSWORD"] = password;
  const served = await ServedDavit.over(made.davit);
  const { page, complaints } = await openPage();
  await signIn(page, served.url, password);
  return { ...made, page, served, complaints };
}

/** Backs the module up from its view, and waits until the panel says that it is backed up. */
async function backUp({ page, module }: Scene): Promise<void> {
  await goTo(page, `/modules/${module}`);
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByText("backed up", { exact: true }).waitFor();
}

it("the first password that Davit prints opens the panel; a wrong one does not", async () => {
  const { davit } = await labelledModule(containers, fill);
  const served = await ServedDavit.over(davit);
  const first = /panel: (\S+)/u.exec(served.printed.stdout)?.[1] ?? "";
  const { page } = await openPage();
  await page.goto(served.url);
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: "wrong password" }).waitFor();
  await page.getByLabel("Password", { exact: true }).fill(first);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password", { exact: true }).waitFor();
  expect(await page.getByRole("navigation").count()).toBe(0);
});

it("a backup is started from the overview and followed to its end, also by who comes back in the middle", async () => {
  const scene = await open({ "davit.compression": "zstd:19" });
  const { page, module, source, complaints } = scene;
  await writeFile(join(source, "much"), Buffer.alloc(60_000_000, "all kinds of words that can be made smaller "));
  const card = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: module }) });
  await card.getByText("never backed up").waitFor();
  await card.getByRole("button", { name: "Back up now" }).click();
  await card.getByRole("progressbar").waitFor();
  await page.reload();
  await card.getByRole("progressbar").waitFor();
  await card.getByText("backed up", { exact: true }).waitFor({ timeout: 120_000 });
  await goTo(page, "/activity");
  const run = page.getByRole("listitem").filter({ hasText: module }).filter({ hasText: "from here" });
  await run.getByRole("link", { name: "Backup" }).click();
  await page.getByText("ended: done").waitFor();
  expect(complaints).toEqual([]);
});

it("a file is found in a backup, looked at and downloaded as it was", async () => {
  const scene = await open();
  const { page } = scene;
  await backUp(scene);
  await page.getByRole("list", { name: "Backups", exact: true }).getByRole("link").first().click();
  await page.getByLabel("Search in this backup").fill("letter");
  await page.getByText("1 found").waitFor();
  await page.getByRole("button", { name: /letter\.txt$/u }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("this is the letter.").waitFor();
  const coming = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("letter.txt");
  const bytes = await readFile(await download.path());
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(createHash("sha256").update(letter).digest("hex"));
});

it("data is restored in place once the module's name was typed, and that is undone", async () => {
  const scene = await open();
  const { page, module, id, source } = scene;
  await backUp(scene);
  await writeFile(join(source, "letter.txt"), "spoilt");
  await page.getByRole("list", { name: "Backups", exact: true }).getByRole("link").first().click();
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Back to where the data came from").check();
  await dialog.getByText("renamed aside").waitFor();
  const start = dialog.getByRole("button", { name: "Restore", exact: true });
  expect(await start.isDisabled()).toBe(true);
  await dialog.getByLabel(`Type ${module} to confirm`).fill(module);
  await start.click();
  await dialog.getByText("All is back").waitFor({ timeout: 120_000 });
  expect(await readFile(join(source, "letter.txt"), "utf8")).toBe(letter);
  await dialog.getByRole("button", { name: "Undo" }).click();
  await dialog.getByText("The data is as it was before").waitFor({ timeout: 120_000 });
  expect(await readFile(join(source, "letter.txt"), "utf8")).toBe("spoilt");
  expect(await stateOf(id)).toBe("running");
});

it("some files are restored to another folder, and the services run on", async () => {
  const scene = await open();
  const { page, davit, source } = scene;
  await backUp(scene);
  await page.getByRole("list", { name: "Backups", exact: true }).getByRole("link").first().click();
  await page.getByLabel("Search in this backup").fill("letter");
  await page.getByRole("checkbox", { name: /letter\.txt$/u }).check();
  await page.getByRole("button", { name: "Restore", exact: true }).last().click();
  const dialog = page.getByRole("dialog");
  const target = join(davit.vault, "..", "target");
  await dialog.getByLabel("Folder on the host").fill(target);
  await dialog.getByText("1 entry to restore").waitFor();
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await dialog.getByText("All is back").waitFor({ timeout: 120_000 });
  expect(await readFile(join(target, source, "letter.txt"), "utf8")).toBe(letter);
});

it("a module that fails is explained, with the way to what its hook printed", async () => {
  const scene = await open({
    "davit.hold": "hooks",
    "davit.exec.hold": "sh -c 'echo the cellar is flooded; exit 3'",
    "davit.exec.release": "true",
  });
  const { page, module } = scene;
  await goTo(page, `/modules/${module}`);
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByText("last backup failed").waitFor({ timeout: 60_000 });
  await goTo(page, "/");
  const card = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: module }) });
  await card.getByText("ended with exit code 3").waitFor();
  await card.getByRole("link", { name: "Show what it printed" }).click();
  await page.getByText("the cellar is flooded").last().waitFor();
  expect(await page.getByRole("button", { name: "Cancel this run" }).count()).toBe(0);
});

it("a run is cancelled from the panel", async () => {
  const scene = await open({ "davit.compression": "zstd:19" });
  const { page, module, source } = scene;
  await writeFile(join(source, "much"), Buffer.alloc(200_000_000, "all kinds of words that can be made smaller "));
  await goTo(page, `/modules/${module}`);
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByRole("list").getByRole("link", { name: "Backup" }).first().click();
  await page.getByRole("button", { name: "Cancel this run" }).click();
  await page.getByText("ended: cancelled").waitFor({ timeout: 60_000 });
  expect(await stateOf(scene.id)).toBe("running");
});

it("the panel answers while many modules are backed up at once, and tells how each goes on", async () => {
  const slow = { "davit.exec.before-hold": "sleep 30" };
  const scene = await open(slow);
  const { davit, page, served } = scene;
  const modules = [scene.module];
  while (modules.length < 8) modules.push((await labelledModule(containers, fill, slow, davit)).module);
  await served.signIn(password);
  const known = async (): Promise<string[]> =>
    (await served.get("/api/v1/modules", moduleList)).modules.map(({ name }) => name);
  // The engine may have others at the same time.
  await expect.poll(known).toEqual(expect.arrayContaining(modules));
  for (const module of modules) await served.begin(`/api/v1/modules/${module}/backup`);
  // Only cards in sight are drawn.
  await page.setViewportSize({ width: 1280, height: 6000 });
  await expect.poll(() => page.getByRole("progressbar").count(), { timeout: 20_000 }).toBe(8);
  for (const module of modules) {
    const card = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: module }) });
    await card.getByText(/^Backup: /u).waitFor();
  }
  await goTo(page, "/settings");
  await page.getByText("dockerHost").waitFor();
  await goTo(page, "/activity");
  await expect.poll(() => page.getByRole("progressbar").count()).toBe(8);
});
