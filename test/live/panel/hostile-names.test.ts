import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { busyboxImage, ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { expectAccessible } from "../../fixtures/panel/expect-accessible.ts";
import { type HomeLab, password, startEmptyLab } from "../../fixtures/panel/home-lab.ts";
import { closeBrowser, expectNoOverflow, goTo, narrow, openPage, signIn } from "../../fixtures/panel/open-browser.ts";

afterAll(closeBrowser);

const image = "<img src=x onerror=alert(1)>";
/** As it is on the disk, and as the panel is to show it. */
const names = {
  [`${image}.txt`]: `${image}.txt`,
  '"><svg onload=alert(1)>.txt': '"><svg onload=alert(1)>.txt',
  "javascript:alert(1)": "javascript:alert(1)",
  "..%2f..%2fetc%2fshadow": "..%2f..%2fetc%2fshadow",
  "{{constructor}} ${alert(1)}": "{{constructor}} ${alert(1)}",
  "invoice\u202etxt.exe": "invoice⟨U+202E⟩txt.exe",
  "two\nlines\r\x1b[31m": "two␊lines␍␛[31m",
  "  blanks  ": "  blanks  ",
  ["long".repeat(63)]: "long".repeat(63),
} as const satisfies Record<string, string>;
/** Docker allows no more than that in a container's name; it is the name of something in each object of a script as well. */
const module = "constructor";

async function start(): Promise<{ lab: HomeLab; source: string; served: ServedDavit }> {
  const lab = await startEmptyLab();
  const { davit, engine } = lab;
  await ensureBusyboxImage(engine.client);
  const source = join(davit.root, `data ${image}`);
  await mkdir(join(source, `<b>folder ${image}`), { recursive: true });
  for (const name of Object.keys(names)) await writeFile(join(source, name), `in ${name}\n<script>alert(1)</script>\n`);
  await symlink(`\u202e${image}`, join(source, "link"));
  const labels = {
    "davit.enable": "true",
    "davit.exclude": image,
    [`davit.${image}`]: image,
    "davit.exec.before-hold": `sh -c "printf '${image}\\n\\342\\200\\256red\\n'"`,
  };
  const unlisted = { "com.docker.compose.service": `${image}\n  evil: true`, "com.docker.compose.project": image };
  for (const [name, own] of Object.entries({ [module]: labels, hasOwnProperty: unlisted })) {
    const made = await engine.client.createContainer({
      name,
      Image: busyboxImage,
      Cmd: ["sleep", "100000"],
      Labels: own,
      HostConfig: { Mounts: [{ Type: "bind", Source: source, Target: "/data" }], NetworkMode: "none" },
    });
    await made.start();
  }
  return { lab, source, served: await ServedDavit.over(davit) };
}

/** A text that is there as such, once it has come. */
async function seen(place: Page | Locator, text: string): Promise<void> {
  await place.getByText(text).first().waitFor();
}

it("names of files, folders and labels are text wherever they are shown, whatever is in them", async () => {
  const { lab, source, served } = await start();
  const { page, complaints } = await openPage({ width: narrow });
  page.on("dialog", (dialog) => {
    complaints.push(`a script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const looked = async (view: string): Promise<void> => {
    expect.soft(await page.locator("img[src=x], svg[onload], main script, main b").count(), view).toBe(0);
    await expectNoOverflow(page, view);
    await expectAccessible(page, view);
  };
  const dialog = page.getByRole("dialog");
  await signIn(page, served.url, password);
  await seen(page, "hasOwnProperty");
  await page.locator("summary", { hasText: "hasOwnProperty" }).click();
  await seen(page, `"${image}\\n  evil: true":`);
  await looked("overview");

  await goTo(page, `/modules/${module}`);
  await page.getByRole("button", { name: "Back up now" }).click();
  const backups = page.getByRole("list", { name: "Backups", exact: true }).getByRole("link");
  await backups.first().waitFor();
  await seen(page, `the label davit.${image} of container ${module}`);
  await seen(page.getByRole("row", { name: "davit.exclude" }), image);
  await looked("module");
  await page.getByRole("list").getByRole("link", { name: "Backup", exact: true }).first().click();
  await seen(page, `before-hold of ${module}: ${image}`);
  await seen(page, "⟨U+202E⟩red");
  await looked("run");

  await writeFile(join(source, `new ${image}\u202e`), "new");
  const second = await lab.davit.run("backup", module);
  expect(second).toMatchObject({ code: 0 });
  await goTo(page, `/modules/${module}`);
  await expect.poll(() => backups.count()).toBe(2);
  await backups.first().click();
  await page.getByRole("button", { name: `data ${image}` }).click();
  for (const shown of Object.values(names)) await page.getByRole("button", { name: shown, exact: true }).waitFor();
  await seen(page, `leads to ⟨U+202E⟩${image}`);
  await looked("tree");
  await page.getByRole("button", { name: `<b>folder ${image}` }).click();
  await seen(page.getByRole("navigation", { name: "The way to this folder" }), `<b>folder ${image}`);
  await looked("way");

  for (const [name, shown] of Object.entries(names)) {
    await page.getByLabel("Search in this backup").fill(name.includes("\n") ? "lines" : name);
    await page.getByRole("button", { name: shown }).first().click();
    await seen(dialog, "<script>alert(1)</script>");
    await looked(`preview of ${shown}`);
    const coming = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Download" }).click();
    const download = await coming;
    expect(download.suggestedFilename()).not.toMatch(/[/\\\p{Cc}<>\u202e]/u);
    expect(await readFile(await download.path(), "utf8")).toContain(`in ${name}\n`);
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.getByRole("checkbox", { name: shown }).first().check();
  }

  await page.getByRole("button", { name: "Restore", exact: true }).last().click();
  const target = join(lab.davit.root, `back ${image}`);
  await dialog.getByLabel("Folder on the host").fill(target);
  await dialog.getByText(`${Object.keys(names).length} entries to restore`).waitFor();
  await looked("restore to a folder");
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await dialog.getByText("All is back").waitFor({ timeout: 60_000 });
  await dialog.getByRole("button", { name: "Close" }).click();
  for (const name of Object.keys(names))
    expect(await readFile(join(target, source, name), "utf8")).toContain(`in ${name}\n`);
  await page.getByRole("button", { name: "Restore", exact: true }).first().click();
  await dialog.getByLabel("Back to where the data came from").check();
  await seen(dialog, `data ${image}`);
  await looked("restore in place");
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await page.getByRole("tab", { name: "Compare" }).click();
  await seen(page, `new ${image}⟨U+202E⟩`);
  await looked("compare");
  await page.getByRole("tab", { name: "Manifest" }).click();
  await seen(page, `data ${image}`);
  await looked("manifest");
  await goTo(page, "/activity");
  await page.getByRole("listitem").filter({ hasText: module }).first().waitFor();
  await looked("activity");
  expect(complaints).toEqual([]);
});
