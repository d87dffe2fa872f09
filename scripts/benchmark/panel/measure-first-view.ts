import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { type Figure, timeFigure } from "./figure.ts";
import { type Chromium, openChromium } from "./open-chromium.ts";
import type { ServedVault } from "./serve-vault.ts";

const rounds = 9;
const usableMs = 1000;
const throttles = [4, 1];
const mostBytes = 250_000;
const lookMs = 500;

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
  const cookie = await signIn(served);
  const chromium = await openChromium();
  try {
    const figures: Figure[] = [await bundleFigure(served.url)];
    for (const throttle of throttles) {
      // The first one warms up the browser itself.
      await openOnce(chromium, served.url, cookie, throttle);
      const all: Marks[] = [];
      for (let round = 0; round < rounds; round += 1) all.push(await openOnce(chromium, served.url, cookie, throttle));
      const how = throttle === 1 ? "" : `, processor ${throttle} times slower`;
      const atMost = throttle === 1 ? undefined : usableMs;
      figures.push(
        timeFigure(
          `first view: rows drawn${how}`,
          all.map(({ drawn }) => drawn),
          atMost,
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
    await chromium.close();
  }
}

/** All that the page has the browser fetch before the panel starts, as gzip has it. */
async function bundleFigure(url: string): Promise<Figure> {
  const html = await (await fetch(url)).text();
  const files = Array.from(html.matchAll(/"\.\/(assets\/[^"]+)"/gu), ([, file]) => file ?? "");
  let bytes = 0;
  for (const file of new Set(files)) {
    const content = await (await fetch(new URL(file, url))).bytes();
    bytes += gzipSync(content, { level: 9 }).length;
  }
  const kilobytes = (count: number): string => `${(count / 1000).toFixed(0)} kB`;
  return {
    what: "first view: scripts and styles, gzip",
    figure: kilobytes(bytes),
    target: `at most ${kilobytes(mostBytes)}`,
    met: bytes > 0 && bytes <= mostBytes,
  };
}

interface Cookie {
  name: string;
  value: string;
}

async function signIn({ url, password }: ServedVault): Promise<Cookie> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password }),
  });
  const [name, value] = (answer.headers.getSetCookie()[0] ?? "").split(";")[0]?.split("=") ?? [];
  if (name === undefined || value === undefined) throw new Error(`nobody can sign in: ${answer.status}`);
  return { name, value };
}

const watching = readFileSync(join(import.meta.dirname, "watch-page.js"), "utf8");
const anything = z.unknown();

async function openOnce(chromium: Chromium, url: string, cookie: Cookie, throttle: number): Promise<Marks> {
  const { ask } = chromium;
  const context = z.object({ browserContextId: z.string() });
  const { browserContextId } = await ask(context, "Target.createBrowserContext");
  try {
    const place = { url: "about:blank", browserContextId, width: 1280, height: 900 };
    const { targetId } = await ask(z.object({ targetId: z.string() }), "Target.createTarget", place);
    const attached = z.object({ sessionId: z.string() });
    const { sessionId } = await ask(attached, "Target.attachToTarget", { targetId, flatten: true });
    await ask(anything, "Storage.setCookies", { browserContextId, cookies: [{ ...cookie, url }] });
    await ask(anything, "Emulation.setCPUThrottlingRate", { rate: throttle }, sessionId);
    await ask(anything, "Page.enable", {}, sessionId);
    await ask(anything, "Page.addScriptToEvaluateOnNewDocument", { source: watching }, sessionId);
    await ask(anything, "Page.navigate", { url }, sessionId);
    const told = z.object({ result: z.object({ value: marks.nullish() }) });
    for (;;) {
      // Often enough to be done soon, and seldom enough not to be in the page's way.
      await sleep(lookMs);
      const asked = { expression: "window.davitMarks ?? null", returnByValue: true };
      const { result } = await ask(told, "Runtime.evaluate", asked, sessionId);
      if (result.value != null) return result.value;
    }
  } finally {
    await ask(anything, "Target.disposeBrowserContext", { browserContextId });
  }
}
