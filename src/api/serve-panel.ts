import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import express, { type Express, type RequestHandler, type Response } from "express";
import helmet from "helmet";
import { errorCode, Failure } from "../failure/failure.ts";

/** What the panel's page has where the nonce of an answer is to stand. */
const noncePlace = "%STYLE_NONCE%";
/** What the panel asks for first: the answer is made while its scripts are still on their way. */
const askedFirst = "<./api/v1/overview>; rel=preload; as=fetch; crossorigin";
const yearMs = 365 * 86_400_000;

/**
 * Says what a page of ours may do: nothing but what comes from this server. Styles that the panel makes while it runs carry a
 * nonce, which each answer has anew.
 */
export function protectPages(frameAncestors: readonly string[]): RequestHandler {
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", (_request, response) => `'nonce-${nonceOf(response)}'`],
        // A picture in a backup is shown from memory.
        imgSrc: ["'self'", "blob:"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: frameAncestors.length === 0 ? ["'none'"] : ["'self'", ...frameAncestors],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    // The older header knows no list of origins; where there is one, the policy alone says who may.
    xFrameOptions: frameAncestors.length === 0 ? { action: "sameorigin" } : false,
    // Davit is often reached by plain HTTP inside a home network: whoever adds HTTPS adds this at the proxy.
    strictTransportSecurity: false,
    referrerPolicy: { policy: "no-referrer" },
  });
  return (request, response, next) => {
    response.locals["nonce"] = randomBytes(16).toString("base64");
    protect(request, response, next);
  };
}

// Helmet types its response as Node's own, which has none of what Express adds.
function nonceOf(response: unknown): string {
  return String((response as Response).locals["nonce"]);
}

/** Serves the panel from the folder that it was built into. Comes after all other routes. */
export function servePanel(app: Express, folder: string): void {
  app.get("/", async (_request, response) => {
    const html = await page(folder, nonceOf(response));
    response
      .set("Cache-Control", "no-store")
      .set("Link", [...scriptsOf(html), askedFirst])
      .type("html")
      .send(html);
  });
  // Names of what is in there change with the content.
  app.use("/assets", express.static(path.join(folder, "assets"), { immutable: true, maxAge: yearMs, redirect: false }));
  app.use(express.static(folder, { index: false, maxAge: 0, redirect: false }));
}

/** The page's scripts, which are asked for before all that takes the server longer to answer. */
function scriptsOf(html: string): string[] {
  const scripts = html.matchAll(/<script type="module" crossorigin src="(?<path>[^"]+)"/gu);
  return Array.from(scripts, ({ groups }) => `<${groups?.["path"]}>; rel=modulepreload; crossorigin`);
}

async function page(folder: string, nonce: string): Promise<string> {
  try {
    return (await readFile(path.join(folder, "index.html"), "utf8")).replace(noncePlace, nonce);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new Failure("missing", "the panel was not built into this Davit", {
      hint: "in a checkout `npm run panel` builds it; the command line and the API do without it",
      cause: error,
    });
  }
}
