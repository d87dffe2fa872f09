import { afterAll, expect, it, vi } from "vitest";
import { makeVault, moduleNames } from "../../../scripts/benchmark/panel/make-vault.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { password, startEmptyLab } from "../../fixtures/panel/home-lab.ts";
import { closeBrowser, openPage, signIn } from "../../fixtures/panel/open-browser.ts";

afterAll(closeBrowser);

it("many modules are drawn as far as one scrolls, and each is found by its name", async () => {
  const { davit } = await startEmptyLab();
  const names = moduleNames(60);
  makeVault(davit.vault, names, 2, new Date());
  const served = await ServedDavit.over(davit);
  const { page, complaints } = await openPage();
  await signIn(page, served.url, password);
  const cards = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: /^module-\d{3}$/u }) });
  await cards.first().waitFor();
  expect(await cards.count()).toBeLessThan(30);
  await vi.waitFor(
    async () => {
      await page.keyboard.press("End");
      expect(await cards.count()).toBe(names.length);
    },
    { timeout: 30_000 },
  );
  await page.reload();
  await page.getByLabel("Find a module").fill("-057");
  await vi.waitFor(async () => expect(await cards.allInnerTexts()).toEqual([expect.stringContaining("module-057")]));
  expect(complaints).toEqual([]);
  // What is known from the overview is shown before anything else was answered.
  await page.route("**/api/v1/backups?*", () => undefined);
  await page.getByRole("link", { name: "module-057" }).click();
  await page.getByRole("heading", { level: 1, name: "module-057" }).waitFor();
});

it("the page has the browser ask early for what the panel needs first", async () => {
  const { davit } = await startEmptyLab();
  const { url } = await ServedDavit.over(davit);
  const link = (await fetch(url)).headers.get("link") ?? "";
  const early = Array.from(link.matchAll(/<([^>]+)>; rel=preload; as=fetch; crossorigin/gu), ([, path]) => path ?? "");
  expect(early).toHaveLength(1);
  for (const path of early) expect((await fetch(new URL(path, url))).status).toBe(401);
  const scripts = Array.from(link.matchAll(/<([^>]+)>; rel=modulepreload; crossorigin/gu), ([, path]) => path ?? "");
  expect(scripts.length).toBeGreaterThan(0);
  for (const path of scripts) expect((await fetch(new URL(path, url))).status).toBe(200);
  const { page } = await openPage();
  await signIn(page, url, password);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  // Before the panel's own code could: what it then asks for is answered already, and not asked for again.
  const overview = asked.indexOf("/api/v1/overview");
  expect(overview).toBeGreaterThanOrEqual(0);
  expect(overview).toBeLessThan(asked.indexOf("/api/v1/session"));
  // The first view does without all that the others need.
  const fetched = asked.filter((path) => path.endsWith(".js"));
  expect(scripts.map((path) => new URL(path, url).pathname).toSorted()).toEqual([...new Set(fetched)].toSorted());
});
