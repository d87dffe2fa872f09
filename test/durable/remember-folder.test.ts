import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rememberFolder } from "../../src/durable/remember-folder.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

/** A folder with one file, and what was made of its names so far. */
async function watchedFolder() {
  const folder = await scratchFolder();
  writeFileSync(join(folder, "a"), "");
  const made: string[] = [];
  const names = rememberFolder(folder, (found) => {
    made.push(found.toSorted().join(" "));
    return made.length;
  });
  return { folder, made, names };
}

function lastChanged(folder: string, secondsAgo: number): void {
  const at = Date.now() / 1000 - secondsAgo;
  utimesSync(folder, at, at);
}

it("lists a folder once for as long as it does not change", async () => {
  const { folder, made, names } = await watchedFolder();
  lastChanged(folder, 60);
  expect([await names(), await names(), await names()]).toEqual([1, 1, 1]);
  expect(made).toEqual(["a"]);
});

it("lists it again when something was added or removed", async () => {
  const { folder, made, names } = await watchedFolder();
  lastChanged(folder, 60);
  await names();
  writeFileSync(join(folder, "b"), "");
  await names();
  rmSync(join(folder, "a"));
  await names();
  expect(made).toEqual(["a", "a b", "b"]);
});

it("lists it each time while it has just changed: a second change might leave no trace", async () => {
  const { folder, made, names } = await watchedFolder();
  lastChanged(folder, 1);
  await names();
  writeFileSync(join(folder, "b"), "");
  lastChanged(folder, 1);
  await names();
  await names();
  expect(made).toEqual(["a", "a b", "a b"]);
});

it("lists it again where the clock was set back", async () => {
  const { folder, made, names } = await watchedFolder();
  lastChanged(folder, -3600);
  await names();
  await names();
  expect(made).toEqual(["a", "a"]);
});

it("fails where there is none, until there is one", async () => {
  const folder = join(await scratchFolder(), "later");
  const names = rememberFolder(folder, (found) => found.length);
  await expect(names()).rejects.toMatchObject({ code: "ENOENT" });
  mkdirSync(folder);
  expect(await names()).toBe(0);
});
