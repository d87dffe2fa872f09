import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hostId } from "../../src/config/host-id.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "davit-host-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it("is made once, also where many ask first", async () => {
  const state = path.join(dir, "state");
  const ids = await Promise.all(Array.from({ length: 20 }, () => hostId(state)));
  expect(new Set(ids).size).toBe(1);
  expect(await hostId(state)).toBe(ids[0]);
  expect(await readdir(state)).toEqual(["host-id"]);
});

it("is never made up anew over a file that is damaged", async () => {
  await writeFile(path.join(dir, "host-id"), "");
  await expect(hostId(dir)).rejects.toMatchObject({ kind: "config", hint: expect.stringContaining("manifests") });
});

it("says which state folder can't be written", async () => {
  await writeFile(path.join(dir, "file"), "");
  await expect(hostId(path.join(dir, "file", "state"))).rejects.toMatchObject({
    kind: "storage",
    message: expect.stringContaining(path.join(dir, "file", "state")),
  });
});
