import { createServer, type TLSSocket } from "node:tls";
import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { formatPairingLine, linkLimits, parsePairingLine } from "../../src/contract/link.ts";
import { openCertificate } from "../../src/link/agent/open-certificate.ts";
import { revokeSidecar } from "../../src/link/agent/pair-sidecar.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { headersOf, linkScene, never, rawRequest } from "./scene.ts";

const json = { "content-type": "application/json" };
const job = JSON.stringify({ job: "incremental" });
const jobs = "/link/v1/machines/docker-host/jobs";

describe("a token", () => {
  it("that is right lets in, and says which machine the sidecar is in", async () => {
    const scene = await linkScene();
    const hello = await scene.link(await scene.pair()).hello(never);
    expect(hello).toMatchObject({ version: 1, machine: "docker-host", copies: true, host: { name: "physical" } });
  });

  it("is refused where there is none, before the agent was paired, and where it is another one", async () => {
    const scene = await linkScene();
    const stranger = { ...scene.server.address, fingerprint: "", token: "x".repeat(43) };
    const refused = async (headers: Record<string, string>) =>
      (await rawRequest(stranger, "GET", "/link/v1/hello", { headers })).reason;
    expect(await refused(headersOf(stranger))).toBe("not-paired");
    const line = await scene.pair();
    expect(await refused(headersOf(stranger))).toBe("wrong-token");
    expect(await refused({})).toBe("wrong-token");
    expect(await refused({ authorization: line.token })).toBe("wrong-token");
    expect(await refused({ authorization: `Basic ${line.token}` })).toBe("wrong-token");
    expect(await refused({ authorization: `Bearer ${line.token.slice(0, 42)}` })).toBe("wrong-token");
  });

  it("is no longer good once the sidecar was paired again, or the pairing revoked; an open stream ends then", async () => {
    const scene = await linkScene();
    const old = scene.link(await scene.pair());
    const told: string[] = [];
    const stream = (async () => {
      for await (const event of old.events(never)) told.push(event.type === "end" ? event.why : event.type);
    })();
    await expect.poll(() => told).toContain("hello");
    const current = await scene.pair();
    await expect(old.hello(never)).rejects.toMatchObject({ kind: "denied", reason: "wrong-token" });
    await stream;
    expect(told.at(-1)).toBe("revoked");
    await scene.link(current).hello(never);
    expect(await revokeSidecar(scene.state, "docker-host")).toBe(true);
    await expect(scene.link(current).hello(never)).rejects.toMatchObject({ reason: "not-paired" });
  });

  it("that is wrong is braked after ten tries; the sidecar with the right one is not", async () => {
    const scene = await linkScene();
    const line = await scene.pair();
    const guess = async () =>
      (await rawRequest(line, "GET", "/link/v1/hello", { headers: { authorization: `Bearer ${"y".repeat(43)}` } }))
        .reason;
    const answers: (string | null)[] = [];
    for (let tries = 0; tries < 12; tries += 1) answers.push(await guess());
    expect(answers).toEqual([...Array<string>(10).fill("wrong-token"), "too-many-tries", "too-many-tries"]);
    await scene.link(line).hello(never);
  });

  it("is nowhere in the agent's state, whose files its owner alone can read", async () => {
    const scene = await linkScene();
    const { token } = await scene.pair();
    const folder = join(scene.state, "link");
    const files = (await readdir(folder)).filter((name) => !name.endsWith(".sock"));
    expect(files.toSorted()).toEqual(["certificate.pem", "pairings.json"]);
    for (const name of files) {
      const file = join(folder, name);
      expect([name, (await stat(file)).mode & 0o777]).toEqual([name, 0o600]);
      expect(await readFile(file, "utf8")).not.toContain(token);
    }
  });
});

describe("a certificate", () => {
  it("is made once, and is the same ever after", async () => {
    const state = await scratchFolder();
    const made = await openCertificate(state);
    expect(await openCertificate(state)).toEqual(made);
    expect(made.fingerprint).toMatch(/^[0-9a-f]{64}$/u);
  });

  it("that is another one ends the connection before the token, or anything, is sent", async () => {
    const { key, cert } = await openCertificate(await scratchFolder());
    const received: Buffer[] = [];
    const impostor = createServer({ key, cert }, (socket: TLSSocket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => received.push(chunk));
    });
    impostor.listen(0, "127.0.0.1");
    await once(impostor, "listening");
    onTestFinished(() => void impostor.close());
    const address = impostor.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const scene = await linkScene();
    const line = { ...(await scene.pair()), port };
    const asked = scene.link(line).machines(never);
    await expect(asked).rejects.toMatchObject({ kind: "denied", message: expect.stringContaining("certificate") });
    expect(received).toEqual([]);
  });
});

describe("a request that changes something", () => {
  it("passes once: sent again as it was, it is refused", async () => {
    const scene = await linkScene();
    const line = await scene.pair();
    const headers = headersOf(line, json);
    expect((await rawRequest(line, "POST", jobs, { headers, body: job })).status).toBe(200);
    expect((await rawRequest(line, "POST", jobs, { headers, body: job })).reason).toBe("replayed");
    expect(scene.machines.started).toEqual(["docker-host incremental"]);
  });

  it("needs an id and a time, and the time must count", async () => {
    const scene = await linkScene();
    const line = await scene.pair();
    const reasonFor = async (more: Record<string, string>) =>
      (await rawRequest(line, "POST", jobs, { headers: headersOf(line, { ...json, ...more }), body: job })).reason;
    expect(await reasonFor({ "davit-request": "" })).toBe("bad-request");
    expect(await reasonFor({ "davit-request": "1" })).toBe("bad-request");
    expect(await reasonFor({ "davit-time": "yesterday" })).toBe("bad-request");
    const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
    expect(await reasonFor({ "davit-time": at(-130_000) })).toBe("out-of-time");
    expect(await reasonFor({ "davit-time": at(130_000) })).toBe("out-of-time");
    expect(scene.machines.started).toEqual([]);
  });

  it("from before the agent's start is refused, so that a restart lets nothing pass twice", async () => {
    const scene = await linkScene();
    const line = await scene.pair();
    const { server } = await linkScene({ state: scene.state });
    const headers = headersOf(line, { ...json, "davit-time": new Date(Date.now() - 60_000).toISOString() });
    const answer = await rawRequest({ ...line, ...server.address }, "POST", jobs, { headers, body: job });
    expect(answer.reason).toBe("out-of-time");
  });
});

describe("a request that is too large", () => {
  it("is refused, whichever of its parts it is", async () => {
    const scene = await linkScene();
    const line = await scene.pair();
    const body = JSON.stringify({ job: "x".repeat(linkLimits.json) });
    expect((await rawRequest(line, "POST", jobs, { headers: headersOf(line, json), body })).reason).toBe("too-large");
    const file = "/link/v1/copies/3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10/nas/20261122T020000Z/nas.tar.gz";
    const range = { "content-range": `bytes 0-${linkLimits.piece}/${linkLimits.piece + 1}` };
    expect((await rawRequest(line, "PUT", file, { headers: headersOf(line, range) })).reason).toBe("too-large");
    const whole = { "content-range": `bytes 0-9/${linkLimits.file + 1}` };
    expect((await rawRequest(line, "PUT", file, { headers: headersOf(line, whole), body: "0123456789" })).reason).toBe(
      "too-large",
    );
    const more = { "content-range": "bytes 0-3/4" };
    expect((await rawRequest(line, "PUT", file, { headers: headersOf(line, more), body: "12345" })).reason).toBe(
      "too-large",
    );
    const padded = headersOf(line, { "x-padding": "x".repeat(10_000) });
    expect((await rawRequest(line, "GET", "/link/v1/hello", { headers: padded })).status).toBe(431);
    await scene.link(line).hello(never);
  });
});

describe("another version of the link", () => {
  it("is refused by name, on either side", async () => {
    const scene = await linkScene();
    const line = await scene.pair();
    const ask = async (path: string) => rawRequest(line, "GET", path, { headers: headersOf(line) });
    expect(await ask("/link/v2/hello")).toMatchObject({ status: 501, reason: "agent-too-old" });
    expect(await ask("/link/v99/anything/at/all")).toMatchObject({ reason: "agent-too-old" });
    expect(await ask("/link/v0/hello")).toMatchObject({ reason: "sidecar-too-old" });
  });
});

describe("a pairing line", () => {
  const line = { host: "192.168.122.1", port: 8470, fingerprint: "ab".repeat(32), token: "t".repeat(43) };

  it("is read as it was written, for IPv6 as well", () => {
    for (const host of ["192.168.122.1", "host.example.org", "fd00::1"])
      expect(parsePairingLine(formatPairingLine({ ...line, host }))).toEqual({ ...line, host });
    expect(parsePairingLine(`DAVIT_AGENT=${formatPairingLine(line)}\n`)).toEqual(line);
  });

  it.each([
    "",
    "https://192.168.122.1:8470",
    `davit-agent://192.168.122.1/${line.fingerprint}#${line.token}`,
    `davit-agent://192.168.122.1:0/${line.fingerprint}#${line.token}`,
    `davit-agent://192.168.122.1:8470/${line.fingerprint}`,
    `davit-agent://192.168.122.1:8470/${line.fingerprint.slice(1)}#${line.token}`,
    `davit-agent://192.168.122.1:8470/${line.fingerprint}#${line.token}=`,
    `davit-agent://$(reboot):8470/${line.fingerprint}#${line.token}`,
  ])("is not %s", (text) => {
    expect(parsePairingLine(text)).toBeNull();
  });
});
