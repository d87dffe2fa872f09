import { request } from "node:https";
import { describe, expect, it, onTestFinished } from "vitest";
import { beatMs, linkRoutes, type PairingLine, silenceMs } from "../../src/contract/link.ts";
import { Failure } from "../../src/failure/failure.ts";
import type { HeldForMachine, HoldWork } from "../../src/link/sidecar/hold-answers.ts";
import { keepLink, type LinkKeeper } from "../../src/link/sidecar/keep-link.ts";
import { headersOf, type LinkScene, linkScene, never, rawRequest } from "./scene.ts";

/** A sidecar whose modules are held in name only: what it was asked, in order. */
class Guest {
  readonly told: string[] = [];
  readonly logged: string[] = [];
  readonly keeper: LinkKeeper;
  /** How often it waited to try again. */
  waits = 0;
  /** What holding does; held at once when not given. */
  work: (signal: AbortSignal) => Promise<void> = async () => undefined;
  modules = ["nas", "wiki"];
  /** Whether all was held until the release. */
  stayed = true;

  constructor(scene: LinkScene, line: PairingLine) {
    const hold: HoldWork = async ({ signal }) => {
      this.told.push("hold");
      await this.work(signal);
      return this.#held();
    };
    const log = (_details: object, message: string): void => void this.logged.push(message);
    this.keeper = keepLink({
      agent: scene.link(line),
      hold,
      log: { info: log, warn: log, error: log },
      wait: async () => {
        this.waits += 1;
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    onTestFinished(() => this.keeper.stop());
  }

  #held(): HeldForMachine {
    return {
      modules: this.modules,
      release: async () => {
        this.told.push("release");
        return this.stayed;
      },
    };
  }
}

async function pairedScene(): Promise<{ scene: LinkScene; guest: Guest; line: PairingLine }> {
  const scene = await linkScene();
  const line = await scene.pair();
  const guest = new Guest(scene, line);
  await expect.poll(() => guest.keeper.state().hello).toMatchObject({ machine: "docker-host" });
  return { scene, guest, line };
}

const within = (ms: number): number => Date.now() + ms;

describe("a hold", () => {
  it("is held when the sidecar has said so, and its release tells whether it was all the time", async () => {
    const { scene, guest } = await pairedScene();
    const hold = await scene.server.holdInGuest("docker-host", within(10_000), never);
    expect(hold?.modules).toEqual(["nas", "wiki"]);
    expect(guest.told).toEqual(["hold"]);
    expect(await hold?.release()).toBe(true);
    expect(guest.told).toEqual(["hold", "release"]);
    guest.stayed = false;
    const next = await scene.server.holdInGuest("docker-host", within(10_000), never);
    expect(await next?.release()).toBe(false);
  });

  it("is none where no sidecar is there, or another machine's, or one that has nothing to hold", async () => {
    const scene = await linkScene();
    expect(await scene.server.holdInGuest("docker-host", within(1000), never)).toBeNull();
    const guest = new Guest(scene, await scene.pair());
    await expect.poll(() => guest.keeper.state().hello).not.toBeNull();
    expect(await scene.server.holdInGuest("mail", within(1000), never)).toBeNull();
    expect(scene.server.connected()).toEqual(["docker-host"]);
    expect(guest.told).toEqual([]);
    guest.modules = [];
    expect(await scene.server.holdInGuest("docker-host", within(1000), never)).toBeNull();
    await expect.poll(() => guest.told).toEqual(["hold", "release"]);
  });

  it("that the sidecar could not do is a failure with its words", async () => {
    const { scene, guest } = await pairedScene();
    guest.work = async () => {
      throw new Failure("busy", "nas is busy: run 1 has its lock");
    };
    await expect(scene.server.holdInGuest("docker-host", within(10_000), never)).rejects.toMatchObject({
      kind: "busy",
      message: expect.stringContaining("nas is busy"),
    });
    guest.work = async () => {
      throw new Failure("failed", "the hook davit.exec.hold ended with exit code 1");
    };
    await expect(scene.server.holdInGuest("docker-host", within(10_000), never)).rejects.toMatchObject({
      kind: "failed",
      message: expect.stringContaining("exit code 1"),
    });
  });

  it("that nobody releases ends by itself on both sides, and was not held all the time", async () => {
    const { scene, guest } = await pairedScene();
    const until = within(500);
    const hold = await scene.server.holdInGuest("docker-host", until, never);
    await expect.poll(() => guest.told, { interval: 5 }).toEqual(["hold", "release"]);
    expect(Date.now() - until).toBeLessThan(200);
    expect(await hold?.release()).toBe(false);
    await expect.poll(() => guest.logged).toContain("held for a backup of the machine, but not until it had its point");
  });

  it("that takes too long is given up at its time, and undone", async () => {
    const { scene, guest } = await pairedScene();
    let undone = 0;
    guest.work = async (signal) => {
      const { promise, reject } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => reject(new Error("given up")));
      await promise.catch((error: unknown) => {
        undone = Date.now();
        throw error;
      });
    };
    const until = within(400);
    await expect(scene.server.holdInGuest("docker-host", until, never)).rejects.toMatchObject({ kind: "unreachable" });
    expect(Date.now() - until).toBeLessThan(200);
    await expect.poll(() => undone).toBeGreaterThan(0);
    expect(guest.told).toEqual(["hold"]);
  });

  it("is let go when the agent gives it up", async () => {
    const { scene, guest } = await pairedScene();
    const given = new AbortController();
    guest.work = async (signal) => {
      given.abort(new Failure("cancelled", "the run was cancelled"));
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("given up"))));
    };
    const asked = scene.server.holdInGuest("docker-host", within(10_000), given.signal);
    await expect(asked).rejects.toMatchObject({ kind: "cancelled" });
    await expect.poll(() => guest.logged).toContain("could not hold for a backup of the machine");
  });

  it("is let go on both sides when the stream breaks", async () => {
    const { scene, guest } = await pairedScene();
    const hold = await scene.server.holdInGuest("docker-host", within(10_000), never);
    const began = Date.now();
    await guest.keeper.stop();
    expect(guest.told).toEqual(["hold", "release"]);
    expect(await hold?.release()).toBe(false);
    expect(Date.now() - began).toBeLessThan(2000);
  });

  it("is let go when the pairing is replaced meanwhile", async () => {
    const { scene, guest } = await pairedScene();
    const hold = await scene.server.holdInGuest("docker-host", within(20_000), never);
    await scene.pair();
    await expect.poll(() => guest.told, { timeout: 5000 }).toEqual(["hold", "release"]);
    expect(await hold?.release()).toBe(false);
  });

  it("can't be answered by another pairing, nor once it is over", async () => {
    const { scene, guest } = await pairedScene();
    const mail = await scene.pair("mail");
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    guest.work = () => answered;
    const ids: string[] = [];
    const stream = scene.link(mail);
    const listening = new AbortController();
    onTestFinished(() => listening.abort());
    void (async () => {
      for await (const event of stream.events(listening.signal)) if (event.type === "hold") ids.push(event.hold);
    })().catch(() => undefined);
    await expect.poll(() => scene.server.connected()).toContain("mail");
    const done = new AbortController();
    const mails = scene.server.holdInGuest("mail", within(10_000), done.signal);
    await expect.poll(() => ids).toHaveLength(1);
    const answer = JSON.stringify({ held: true, modules: ["postfix"] });
    const answerAs = async (line: PairingLine) =>
      rawRequest(line, "POST", `/link/v1/holds/${ids[0]}/held`, {
        headers: headersOf(line, { "content-type": "application/json" }),
        body: answer,
      });
    const docker = await scene.pair();
    expect((await answerAs(docker)).reason).toBe("unknown-hold");
    expect((await answerAs(mail)).status).toBe(204);
    expect((await mails)?.modules).toEqual(["postfix"]);
    done.abort();
    resolve();
  });
});

describe("a stream", () => {
  it("is opened again after it broke", async () => {
    const { scene, guest } = await pairedScene();
    await scene.server.close();
    await expect.poll(() => guest.keeper.state().problem).toMatchObject({ kind: "unreachable" });
    const again = await linkScene({ state: scene.state, listen: scene.server.address });
    await expect.poll(() => guest.keeper.state().hello, { timeout: 5000 }).toMatchObject({ machine: "docker-host" });
    const hold = await again.server.holdInGuest("docker-host", within(5000), never);
    expect(await hold?.release()).toBe(true);
  });

  it("is taken over by the sidecar that comes later, and the first is told", async () => {
    const { scene, guest, line } = await pairedScene();
    const second = new Guest(scene, line);
    await expect.poll(() => second.keeper.state().hello).not.toBeNull();
    await expect.poll(() => guest.logged).toContain("the agent can't be reached; trying again");
  });

  it("tells a trouble once, however often it is tried", async () => {
    const scene = await linkScene();
    const line = await scene.pair();
    await scene.server.close();
    const guest = new Guest(scene, line);
    await expect.poll(() => guest.keeper.state().problem).toMatchObject({ kind: "unreachable" });
    await expect.poll(() => guest.waits).toBeGreaterThan(5);
    expect(guest.logged).toEqual(["the agent can't be reached; trying again"]);
  });
});

it("a sidecar that is not heard of any more is gone, though its connection stands", { timeout: 20_000 }, async () => {
  const scene = await linkScene();
  const line = await scene.pair();
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  const asked = request({ ...line, path: linkRoutes.events.path, headers: headersOf(line), rejectUnauthorized: false });
  onTestFinished(() => void asked.destroy());
  asked.on("error", () => undefined);
  // It reads, and answers nothing.
  asked.once("response", (response) => {
    response.on("error", () => undefined).resume();
    resolve();
  });
  asked.end();
  await opened;
  await expect.poll(() => scene.server.connected()).toEqual(["docker-host"]);
  const began = Date.now();
  await expect.poll(() => scene.server.connected(), { timeout: silenceMs + 3 * beatMs }).toEqual([]);
  expect(Date.now() - began).toBeGreaterThan(silenceMs - beatMs);
});
