import { spawn } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openBootJournal } from "../../../src/machine/boot/open-boot-journal.ts";
import { removeBoot } from "../../../src/machine/boot/remove-boot.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

it("ends a QEMU that outlived its agent, and no other process", async () => {
  const folder = await scratchFolder();
  const drill = join(folder, "drill-1");
  await mkdir(join(drill, "tcg"), { recursive: true });
  const journal = openBootJournal(folder);
  await journal.write({ format: 1, module: "vm", run: "run-1", folder: drill });
  const sleeper = (word: string): ReturnType<typeof spawn> => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", word], { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };
  const ours = sleeper(`unix:${drill}/tcg/qmp.sock,server=on,wait=off`);
  const others = sleeper(`unix:${drill}2/tcg/qmp.sock,server=on,wait=off`);
  const ended = new Promise<NodeJS.Signals | null>((resolve) => void ours.once("exit", (_, signal) => resolve(signal)));

  expect(await removeBoot(journal, "vm")).toBe("run-1");
  expect(await ended).toBe("SIGKILL");
  expect(others.exitCode ?? others.signalCode).toBeNull();
  expect(await readdir(folder)).toEqual(["boot-drills"]);
  expect(await removeBoot(journal, "vm")).toBeNull();
});
