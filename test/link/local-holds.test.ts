import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Failure } from "../../src/failure/failure.ts";
import type { GuestHold } from "../../src/link/agent/guest-holds.ts";
import { holdThroughAgent, serveLocalHolds } from "../../src/link/agent/local-holds.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { linkScene, never } from "./scene.ts";

/** An agent that serves, whose sidecar does as it is told. */
async function serving(holdInGuest: (machine: string) => Promise<GuestHold | null>): Promise<string> {
  const state = await scratchFolder();
  await serveLocalHolds(state, holdInGuest, never);
  return state;
}

const soon = (): number => Date.now() + 10_000;

it("a verb has its hold through the agent that serves, and its release with the verdict", async () => {
  const verdicts = [true, false];
  const state = await serving(async () => ({ modules: ["nas"], release: async () => verdicts.shift() ?? false }));
  for (const wanted of [true, false]) {
    const hold = await holdThroughAgent(state)("docker-host", soon(), never);
    expect(hold?.modules).toEqual(["nas"]);
    expect(await hold?.release()).toBe(wanted);
  }
  expect((await stat(join(state, "link", "holds.sock"))).mode & 0o777).toBe(0o600);
});

it("where no agent serves, or nothing is to be held, there is none", async () => {
  expect(await holdThroughAgent(await scratchFolder())("docker-host", soon(), never)).toBeNull();
  expect(await holdThroughAgent(await serving(async () => null))("docker-host", soon(), never)).toBeNull();
  const { state, server } = await linkScene();
  expect(await holdThroughAgent(state)("docker-host", soon(), never)).toBeNull();
  await server.close();
  expect(await holdThroughAgent(state)("docker-host", soon(), never)).toBeNull();
});

it("what the sidecar could not do is told in its words", async () => {
  const state = await serving(async () => {
    throw new Failure("busy", "nas is busy", { hint: "wait" });
  });
  await expect(holdThroughAgent(state)("docker-host", soon(), never)).rejects.toMatchObject({
    kind: "busy",
    message: "nas is busy",
    hint: "wait",
  });
});

it("a verb that is killed while it holds lets go", async () => {
  let released = 0;
  const state = await serving(async () => ({
    modules: ["nas"],
    release: async () => {
      released += 1;
      return true;
    },
  }));
  const module = new URL("../../src/link/agent/local-holds.ts", import.meta.url).href;
  const script = `const { holdThroughAgent } = await import(${JSON.stringify(module)});
    await holdThroughAgent(${JSON.stringify(state)})("docker-host", Date.now() + 10000, new AbortController().signal);
    console.log("held"); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(released).toBe(0);
  child.kill("SIGKILL");
  await expect.poll(() => released).toBe(1);
});
