import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { makeBootSectorDisk } from "../../fixtures/guest/make-boot-sector-disk.ts";
import { ServedDavit } from "../../fixtures/live/served-davit.ts";
import { type BareMachine, startBareMachine } from "../../fixtures/live/vm/start-bare-machine.ts";
import { expectAccessible } from "../../fixtures/panel/expect-accessible.ts";
import { password, startEmptyLab } from "../../fixtures/panel/home-lab.ts";
import {
  closeBrowser,
  expectNoOverflow,
  goTo,
  narrow,
  openPage,
  signIn,
  takePicture,
  wide,
} from "../../fixtures/panel/open-browser.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";
import { startService } from "../../fixtures/start-service.ts";

afterAll(closeBrowser);

const name = "davit-panel-machine";

/** A machine that writes a line on its screen, and the real agent that backs it up; gives the line that pairs a sidecar with it. */
async function startMachine(): Promise<{ machine: BareMachine; line: string }> {
  const folder = await scratchFolder();
  const disks = { vda: { format: "qcow2", mebibytes: 4 } } as const;
  const machine = await startBareMachine({ name, folder, disks, state: "define" });
  await makeBootSectorDisk(machine.file("vda"), "This machine is up, and does nothing but say so.");
  await machine.virsh("start", name);
  const settings = `domain: ${name}, full: "0 1 * * 0", drill: { check: screen }`;
  const agent = await AgentProgram.in(folder, `verifyDays: off\nmachines: { docker-host: { ${settings} } }\n`);
  const serving = z.looseObject({ listen: z.object({ host: z.string(), port: z.int() }) });
  const { listen } = serving.parse(await startService(agent).until("serving"));
  const paired = await agent.run("pair", "docker-host", "--address", `${listen.host}:${listen.port}`);
  const line = /^DAVIT_AGENT=(\S+)$/mu.exec(paired.stdout)?.[1];
  if (line === undefined) throw new Error(`it was not paired: ${paired.stdout}${paired.stderr}`);
  return { machine, line };
}

it("a machine is backed up, verified and booted from the panel; its points are shown with what was proved of them", async () => {
  const { machine, line } = await startMachine();
  const { davit } = await startEmptyLab();
  davit.environment["DAVIT_AGENT"] = line;
  const { url } = await ServedDavit.over(davit);
  const { page, complaints } = await openPage();
  await signIn(page, url, password);
  await goTo(page, "/machines");
  const shown = page.getByRole("region", { name: "docker-host" });
  await shown.getByText("running", { exact: true }).waitFor();
  expect(await shown.getByRole("button", { name: "Verify the newest" }).isDisabled()).toBe(true);
  const points = shown.getByRole("list", { name: "Points" }).getByRole("listitem");
  const follow = async (button: string): Promise<void> => {
    await shown.getByRole("button", { name: button }).click();
    await shown.getByRole("progressbar").waitFor();
    await shown.getByRole("progressbar").waitFor({ state: "detached", timeout: 120_000 });
  };

  await follow("Full backup");
  await shown.getByText(/^Chain of .*: 1 point,/u).waitFor();
  await machine.write("vda", { kib: 1024, size: 64, byte: 7 });
  await follow("Back up now");
  await shown.getByText(/^Chain of .*: 2 points,/u).waitFor();
  expect(await points.first().innerText()).toMatch(/increment · \d+ KiB · paused/u);
  expect(await points.last().innerText()).toContain("full · ");
  // So little is read again before anybody could see a bar.
  await shown.getByRole("button", { name: "Verify the newest" }).click();
  await points.first().getByText("Verified").waitFor({ timeout: 60_000 });
  expect(await shown.getByText(/^Verified (now|\d+ seconds? ago)/u).count()).toBe(1);
  await follow("Boot the newest");
  await points.first().getByText("Drilled").waitFor();
  await points.first().getByRole("button", { name: "What its screen showed" }).click();
  const screen = page.getByRole("dialog").getByRole("img", { name: "The screen of the machine as it was booted" });
  await expect.poll(() => screen.evaluate((one) => one instanceof HTMLImageElement && one.naturalWidth)).toBe(720);
  await takePicture(page, "machine-screen-light-wide");
  await page.getByRole("button", { name: "Close" }).click();
  expect(complaints).toEqual([]);

  for (const scheme of ["light", "dark"] as const)
    for (const width of [wide, narrow]) {
      const opened = await openPage({ width, scheme });
      await signIn(opened.page, url, password);
      await goTo(opened.page, "/machines");
      await opened.page.getByRole("button", { name: "What its screen showed" }).waitFor();
      const picture = `machines-${scheme}-${width === wide ? "wide" : "narrow"}`;
      await takePicture(opened.page, picture);
      await expectAccessible(opened.page, picture);
      await expectNoOverflow(opened.page, picture);
      expect(opened.complaints).toEqual([]);
      await opened.context.close();
    }
});
