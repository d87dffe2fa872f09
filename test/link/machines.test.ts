import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, it } from "vitest";
import { exampleMachine } from "../fakes/machines.ts";
import { linkScene, never } from "./scene.ts";

it("a sidecar sees the machines of its pairing: its own, and those that were named", async () => {
  const scene = await linkScene();
  const names = async (machine: string | null, also: string[] = []) =>
    (await scene.link(await scene.pair(machine, also)).machines(never)).map((one) => one.name);
  expect(await names("docker-host")).toEqual(["docker-host"]);
  expect(await names("docker-host", ["mail", "gone"])).toEqual(["docker-host", "mail"]);
  expect(await names(null)).toEqual([]);
  expect(await names(null, ["mail"])).toEqual(["mail"]);
});

it("a machine arrives with its points and their evidence", async () => {
  const scene = await linkScene();
  expect(await scene.link(await scene.pair()).machines(never)).toEqual([exampleMachine("docker-host")]);
});

it("each job of the contract can be started, and its run followed to the end", async () => {
  const scene = await linkScene();
  const link = scene.link(await scene.pair());
  for (const job of ["full", "incremental", "verify", "drill"] as const) {
    const run = await link.startJob("docker-host", job, never);
    await expect(link.startJob("docker-host", job, never)).rejects.toMatchObject({ kind: "busy", reason: "busy" });
    const seen: string[] = [];
    const following = (async () => {
      for await (const event of link.followRun({ machine: "docker-host", run }, 0, never)) seen.push(event.type);
    })();
    await expect.poll(() => seen).toEqual(["started"]);
    scene.machines.tell(run, { type: "stage", stage: "hold" });
    await expect.poll(() => seen).toEqual(["started", "stage"]);
    scene.machines.tell(run, { type: "ended", outcome: "ok", backup: null, failure: null });
    await following;
    expect(seen).toEqual(["started", "stage", "ended"]);
  }
  expect(scene.machines.started).toHaveLength(4);
  expect(await link.runs("docker-host", 20, never)).toHaveLength(4);
});

it("what it waits for in vain is an empty answer, and the run goes on", async () => {
  const scene = await linkScene();
  const link = scene.link(await scene.pair());
  const run = await link.startJob("docker-host", "verify", never);
  const place = { machine: "docker-host", run };
  expect(await link.runEvents(place, 1, 1, never)).toEqual({ events: [], ended: false });
  scene.machines.tell(run, {
    type: "ended",
    outcome: "failed",
    backup: null,
    failure: { kind: "damaged", message: "no" },
  });
  expect(await link.runEvents(place, 1, 1, never)).toMatchObject({ events: [{ type: "ended" }], ended: true });
  expect(await link.runEvents(place, 2, 1, never)).toEqual({ events: [], ended: true });
});

it("a run of another machine is none of its own", async () => {
  const scene = await linkScene();
  const run = await scene.machines.start("mail", "verify");
  const link = scene.link(await scene.pair());
  await expect(link.runEvents({ machine: "docker-host", run }, 0, 0, never)).rejects.toMatchObject({ kind: "missing" });
  await expect(link.runEvents({ machine: "mail", run }, 0, 0, never)).rejects.toMatchObject({
    reason: "unknown-machine",
  });
});

it("the picture of a boot drill arrives as it is; one that is not there is told", async () => {
  const scene = await linkScene();
  const link = scene.link(await scene.pair());
  const time = "20261122T010000Z";
  await expect(link.screenshot("docker-host", time, time, never)).rejects.toMatchObject({ reason: "unknown-point" });
  const picture = Buffer.from("\u0089PNG\r\n\u001A\n and some more", "latin1");
  scene.machines.picture = join(scene.state, ".hidden-drill.png");
  await writeFile(scene.machines.picture, picture);
  expect(await buffer(await link.screenshot("docker-host", time, time, never))).toEqual(picture);
});

it("an agent of another version of the contract is told as such, not as a crash", async () => {
  const scene = await linkScene();
  Object.assign(scene.machines.found[0] ?? {}, { settings: { shape: "of another age" } });
  await expect(scene.link(await scene.pair()).machines(never)).rejects.toMatchObject({
    kind: "failed",
    hint: expect.stringContaining("update"),
  });
});

it("an agent that is not there is unreachable, with what to look at", async () => {
  const scene = await linkScene();
  const line = await scene.pair();
  await scene.server.close();
  await expect(scene.link(line).machines(never)).rejects.toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining(`127.0.0.1:${line.port}`),
    hint: expect.stringContaining("systemctl"),
  });
});
