import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { z } from "zod";
import { type Figure, timeFigure } from "./figure.ts";
import type { ServedVault } from "./serve-vault.ts";

const rounds = 5;
const usableMs = 1000;
const throttles = [4, 1];

/** What watch-page.js tells: when things were there, in milliseconds from the start of the navigation. */
const marks = z.strictObject({
  /** The overview's first rows stand on the screen. */
  drawn: z.number(),
  /** A click on one of them, made at once, has led to the module's view. */
  answered: z.number(),
});
type Marks = z.infer<typeof marks>;

/**
 * Opens the panel in a real browser with an empty cache, signed in, and clicks on the first module as soon as it is drawn; with
 * a processor four times slower than this one, and as it is.
 */
export async function measureFirstView(served: ServedVault): Promise<Figure[]> {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const figures: Figure[] = [];
    for (const throttle of throttles) {
      const all: Marks[] = [];
      for (let round = 0; round < rounds; round += 1) all.push(await openOnce(browser, served, throttle));
      const how = throttle === 1 ? "" : `, processor ${throttle} times slower`;
      const atMost = throttle === 1 ? undefined : usableMs;
      figures.push(
        timeFigure(
          `first view: rows drawn${how}`,
          all.map(({ drawn }) => drawn),
        ),
        timeFigure(
          `first view: a click has opened a module${how}`,
          all.map(({ answered }) => answered),
          atMost,
        ),
      );
    }
    return figures;
  } finally {
    await browser.close();
  }
}

async function openOnce(browser: Browser, { url, password }: ServedVault, throttle: number): Promise<Marks> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const signedIn = await context.request.post(`${url}/api/v1/session`, { data: { password } });
    if (!signedIn.ok()) throw new Error(`nobody can sign in: ${signedIn.status()}`);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: throttle });
    await page.addInitScript({ path: join(import.meta.dirname, "watch-page.js") });
    const told = page.waitForEvent("console", (message) => message.text().startsWith('{"drawn"'));
    await page.goto(url, { waitUntil: "commit" });
    return marks.parse(JSON.parse((await told).text()));
  } finally {
    await context.close();
  }
}
