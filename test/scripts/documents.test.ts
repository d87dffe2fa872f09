import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { documents } from "../../scripts/documents.ts";

it.each(Object.entries(documents))(
  "docs/%s says what the code says; `npm run docs` brings it up to date",
  async (name, text) => {
    expect(await readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8")).toBe(text);
  },
);
