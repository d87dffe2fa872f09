import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { linkRoutes, type PairingLine } from "../../src/contract/link.ts";
import { headersOf, type LinkScene, linkScene, never, rawRequest } from "./scene.ts";

/*
 * Whoever takes over the machine has its sidecar's token. These tests try what can be tried with it, over every route that the
 * server has: what the agent holds must be the same after as it was before.
 */

const own = "3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10";
const other = "9b2f5c1e-1f0a-4f6f-8a53-2f0d8a1b7c22";
const time = "20261122T020000Z";
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "MOVE", "COPY", "PROPPATCH"];

let scene: LinkScene;
let line: PairingLine;

beforeEach(async () => {
  scene = await linkScene();
  line = await scene.pair();
  for (const host of [own, other]) {
    const folder = join(scene.copies, host, "nas", time);
    await mkdir(folder, { recursive: true });
    for (const name of ["SHA256SUMS", "manifest.json", "nas.tar.gz", "evidence.ndjson"])
      await writeFile(join(folder, name), `${name} of ${host}\n`);
  }
  // Both hosts belong to a machine: the one to this, the other to another pairing.
  await scene.link(line).copyState({ host: own, module: "nas", time }, never);
  await scene.link(await scene.pair("mail")).copyState({ host: other, module: "nas", time }, never);
});

/** All files below the copies and the agent's state, with their contents. */
async function held(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const root of [scene.copies, scene.state]) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) found[file] = await readFile(file, "base64");
    }
  }
  return found;
}

/** What was there is there, and is the same. What is new is allowed: a copy that is begun. */
async function expectUnharmed(before: Record<string, string>): Promise<void> {
  expect(await held()).toMatchObject(before);
}

const layer = z.object({ route: z.object({ path: z.string() }).optional() });

/** The paths that the server really has. */
function servedPaths(): string[] {
  const { stack } = z.object({ stack: z.array(z.unknown()) }).parse({ stack: scene.server.app.router.stack });
  return stack.flatMap((one) => layer.parse(one).route?.path ?? []);
}

/** Every way in which a path's names can be filled: with what exists, here and elsewhere, and with what must not be. */
function filled(path: string): string[] {
  const values: Record<string, string[]> = {
    machine: ["docker-host", "mail"],
    host: [own, other],
    module: ["nas"],
    time: [time],
    file: ["nas.tar.gz", "SHA256SUMS", "manifest.json", "evidence.ndjson"],
    chain: [time],
    point: [time],
    run: ["20261123T020000Z-backup-docker-host-ab12"],
    hold: ["5f3b6c9e-0a3d-4a51-9d0b-0d7d9b6f2a11"],
  };
  const names = [...path.matchAll(/:(\w+)/gu)].map((one) => one[1] ?? "");
  let paths = [path];
  for (const name of names) {
    const known = values[name];
    if (known === undefined) throw new Error(`this test does not know what to try for :${name} of ${path}`);
    paths = paths.flatMap((one) => known.map((value) => one.replace(`:${name}`, value)));
  }
  return paths;
}

const bodies: { headers: Record<string, string>; body?: string }[] = [
  { headers: {} },
  { headers: { "content-type": "application/json" }, body: JSON.stringify({ job: "prune", path: "/", force: true }) },
  { headers: { "content-range": "bytes 0-6/7" }, body: "changed" },
  { headers: { "content-range": "bytes 0-0/0" }, body: "" },
];

describe("with the token of a sidecar", () => {
  it("the server has the routes of the contract, and no others", () => {
    expect(servedPaths().toSorted()).toEqual(
      Object.values(linkRoutes)
        .map((route) => route.path)
        .toSorted(),
    );
  });

  it("no method on any route removes or changes anything that the agent holds", { timeout: 120_000 }, async () => {
    const before = await held();
    let tried = 0;
    const taken: (string | null)[][] = [];
    for (const path of servedPaths().flatMap(filled)) {
      for (const method of methods) {
        // The stream is open for ever, and has no input.
        if (path === "/link/v1/events" && method === "GET") continue;
        for (const { headers, body } of bodies) {
          if (body !== undefined && (method === "GET" || method === "HEAD")) continue;
          const answer = await rawRequest(line, method, path, {
            headers: headersOf(line, { "content-length": String(body?.length ?? 0), ...headers }),
            ...(body !== undefined && { body }),
          });
          tried += 1;
          if (["PATCH", "DELETE", "MOVE", "COPY", "PROPPATCH"].includes(method))
            taken.push([method, path, answer.reason]);
        }
      }
    }
    expect(tried).toBeGreaterThan(500);
    expect(taken.filter(([, , reason]) => reason !== "unknown-route")).toEqual([]);
    await expectUnharmed(before);
    // Nothing but what the contract's one job names was started.
    expect(scene.machines.started).toEqual([]);
  });

  it("headers that ask for another method are not listened to", async () => {
    const before = await held();
    const path = `/link/v1/copies/${own}/nas/${time}`;
    for (const name of ["x-http-method-override", "x-http-method", "x-method-override"])
      await rawRequest(line, "POST", path, { headers: headersOf(line, { [name]: "DELETE" }) });
    await rawRequest(line, "GET", `${path}?_method=DELETE`, { headers: headersOf(line) });
    await expectUnharmed(before);
  });

  it.each([
    ["..", "%2e%2e", "%2e%2e%2f%2e%2e", "..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "....//", "%252e%252e"],
    [".hidden", ".20261122T020000Z.partial", "%00", "nas%00.tar.gz", "a%0ab", "a%0d%0aX-Evil:%201", "%1b%5b2J"],
    [
      "$(reboot)",
      "%60id%60",
      ";rm%20-rf%20%2f",
      "a%7cb",
      "a%26b",
      "%3e%3e",
      "*",
      "-rf",
      "--help",
      "%22",
      "'",
      "%5c..%5c",
    ],
    ["x".repeat(300), "%F0%9F%92%A3", "%ff%fe", "%E0%A4%A", " ", "%20"],
  ])("names that are no names are refused, wherever they stand: %s …", { timeout: 60_000 }, async (...names) => {
    const before = await held();
    const places = [
      ["POST", (name: string) => `/link/v1/machines/${name}/jobs`],
      ["GET", (name: string) => `/link/v1/machines/${name}/runs`],
      ["GET", (name: string) => `/link/v1/machines/docker-host/runs/${name}/events`],
      ["GET", (name: string) => `/link/v1/machines/docker-host/points/${name}/${time}/screenshot`],
      ["GET", (name: string) => `/link/v1/machines/docker-host/points/${time}/${name}/screenshot`],
      ["GET", (name: string) => `/link/v1/copies/${name}/nas/${time}`],
      ["GET", (name: string) => `/link/v1/copies/${own}/${name}/${time}`],
      ["PUT", (name: string) => `/link/v1/copies/${own}/${name}/${time}/nas.tar.gz`],
      ["PUT", (name: string) => `/link/v1/copies/${own}/nas/${name}/nas.tar.gz`],
      ["PUT", (name: string) => `/link/v1/copies/${own}/nas/20261123T020000Z/${name}`],
      ["POST", (name: string) => `/link/v1/copies/${own}/nas/${name}/seal`],
      ["POST", (name: string) => `/link/v1/holds/${name}/held`],
    ] as const;
    for (const name of names) {
      for (const [method, at] of places) {
        const headers = headersOf(line, { "content-range": "bytes 0-0/1", "content-type": "application/json" });
        const body = method === "PUT" ? "x" : method === "POST" ? "{}" : undefined;
        const answer = await rawRequest(line, method, at(name).replaceAll(" ", "%20"), {
          headers,
          ...(body !== undefined && { body }),
        });
        expect(answer.status, `${method} ${at(name)}`).toBeGreaterThanOrEqual(400);
        expect(["bad-request", "unknown-route", "unknown-run", "unknown-machine"]).toContain(answer.reason);
      }
    }
    expect(await held()).toEqual(before);
  });

  it("nothing can be put among the copies of another machine's host", async () => {
    const before = await held();
    const path = `/link/v1/copies/${other}/nas/20261123T020000Z`;
    const range = { "content-range": "bytes 0-0/1" };
    expect(
      (await rawRequest(line, "PUT", `${path}/nas.tar.gz`, { headers: headersOf(line, range), body: "x" })).reason,
    ).toBe("other-host");
    expect((await rawRequest(line, "GET", path, { headers: headersOf(line) })).reason).toBe("other-host");
    expect(await held()).toEqual(before);
  });

  it("no job but those of the contract can be started, and of no machine but the pairing's", async () => {
    const jobs = (machine: string): string => `/link/v1/machines/${machine}/jobs`;
    const start = async (machine: string, body: unknown) =>
      rawRequest(line, "POST", jobs(machine), {
        headers: headersOf(line, { "content-type": "application/json" }),
        body: JSON.stringify(body),
      });
    for (const job of ["restore", "prune", "revoke", "full; reboot", "", null, ["full"]])
      expect((await start("docker-host", { job })).reason).toBe("bad-request");
    expect((await start("docker-host", { job: "full", domain: "mail" })).reason).toBe("bad-request");
    expect((await start("mail", { job: "full" })).reason).toBe("unknown-machine");
    expect((await start("nobody", { job: "full" })).reason).toBe("unknown-machine");
    expect(scene.machines.started).toEqual([]);
    const seen = await scene.link(line).machines(never);
    expect(seen.map((one) => one.name)).toEqual(["docker-host"]);
  });
});
