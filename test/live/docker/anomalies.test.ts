import { createCipheriv, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { backupRow } from "../../../src/contract/api.ts";
import { ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";

const containers = new Containers();
const keepOne = { "davit.keep": "last=1" };

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

/** A hundred letters, which compress as letters do. */
async function letters(source: string): Promise<void> {
  await mkdir(join(source, "letters"));
  for (let at = 0; at < 100; at++) await writeFile(join(source, "letters", `${at}.txt`), letter(at));
}

function letter(at: number): string {
  return Array.from({ length: 400 }, (_, line) => `Letter ${at}, line ${line}: all is well with us.\n`).join("");
}

/** What ransomware does: each file gets another content of the same size, and some get another name. */
async function encrypt(source: string): Promise<void> {
  const cipher = createCipheriv("aes-256-ctr", randomBytes(32), randomBytes(16));
  for (const name of await readdir(join(source, "letters"))) {
    const file = join(source, "letters", name);
    await writeFile(file, cipher.update(await readFile(file)));
    if (name.includes("7")) await rename(file, `${file}.locked`);
  }
}

async function listed({ davit, module }: LabelledModule) {
  return z.array(backupRow).parse(await davit.json("list", module));
}

async function backUp({ davit, module }: LabelledModule): Promise<string> {
  const { code, stderr } = await davit.run("backup", module);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stderr;
}

async function unanswered(scene: LabelledModule): Promise<string[][]> {
  return (await listed(scene)).map((one) => one.unanswered.map(({ kind }) => kind));
}

it("a module that was encrypted in place keeps its older backups until somebody answers", async () => {
  const scene = await labelledModule(containers, letters, keepOne);
  const { davit, module, source } = scene;
  expect(await backUp(scene)).toBe("");
  await encrypt(source);
  const encrypted = ["mostly-changed", "incompressible"];
  expect(await backUp(scene)).toContain(`davit ack ${module}`);
  expect(await unanswered(scene)).toEqual([encrypted, []]);
  // The second one is compared with the last that is sound, and warns as well.
  await backUp(scene);
  expect(await unanswered(scene)).toEqual([encrypted, encrypted, []]);
  expect(await davit.json("prune", module)).toMatchObject([
    { decisions: [{ keep: true }, { keep: true }, { keep: true }] },
  ]);
  expect(await davit.json("runs", module, "--limit", "2")).toMatchObject([{ kind: "prune" }, { warnings: 2 }]);

  const { code, stdout } = await davit.run("ack", module, "--note", "we encrypt our letters now");
  expect({ code, lines: stdout.trimEnd().split("\n").length }).toEqual({ code: 0, lines: 5 });
  await davit.run("prune", module);
  expect(await unanswered(scene)).toEqual([[]]);
  // What was answered is what the next one is compared with.
  expect(await backUp(scene)).toBe("");
  expect(await listed(scene)).toHaveLength(1);
});

it("a source that lost all that it held is told, on the first backup as a plain warning", async () => {
  const scene = await labelledModule(containers, async () => undefined, keepOne);
  const { source } = scene;
  expect(await backUp(scene)).toContain(`the source ${source} holds nothing to back up`);
  expect(await unanswered(scene)).toEqual([[]]);
  await letters(source);
  expect(await backUp(scene)).toBe("");
  await rm(join(source, "letters"), { recursive: true });
  expect(await backUp(scene)).toContain(`the source ${source} is empty`);
  expect(await unanswered(scene)).toEqual([["fewer-entries", "fewer-bytes", "mostly-changed", "empty-source"], []]);
});
