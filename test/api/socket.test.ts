import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { createApi } from "../../src/api/create-api.ts";
import { FakeOperations } from "../fakes/operations.ts";

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "davit-socket-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function serveOn(path: string, stateDir: string): Promise<void> {
  const api = await createApi({
    operations: new FakeOperations(),
    stateDir,
    log: pino({ level: "silent" }),
    version: "0.1.0",
  });
  await api.listenOnSocket(path);
  onTestFinished(() => api.close());
}

async function ask(socketPath: string, method: string, path: string, body?: unknown): Promise<[number, unknown]> {
  const { promise, resolve, reject } = Promise.withResolvers<[number, unknown]>();
  const headers = { "content-type": "application/json", accept: "application/json" };
  const asked = request({ socketPath, method, path, headers }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    answer.on("end", () => resolve([answer.statusCode ?? 0, text === "" ? null : JSON.parse(text)]));
  });
  asked.on("error", reject);
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

it("whoever may open the socket need not sign in, and changes things without a session's header", async () => {
  const folder = await scratch();
  const socket = join(folder, "davit.sock");
  await serveOn(socket, folder);
  expect((await stat(socket)).mode & 0o777).toBe(0o600);
  expect(await ask(socket, "GET", "/api/v1/session")).toEqual([200, { csrf: null, expires: null }]);
  expect(await ask(socket, "POST", "/api/v1/modules/nas/backup")).toMatchObject([202, { run: expect.anything() }]);
  // Tokens and the password belong to those who sign in.
  expect((await ask(socket, "GET", "/api/v1/tokens"))[0]).toBe(403);
});

it("a socket that a process left behind is replaced; a file of somebody's is not", async () => {
  const folder = await scratch();
  const socket = join(folder, "davit.sock");
  const dead = createServer().listen(socket);
  await once(dead, "listening");
  // What a kill leaves: the file without its process.
  const left = join(folder, "left.sock");
  await import("node:fs/promises").then(({ link }) => link(socket, left));
  dead.close();
  await serveOn(left, folder);
  expect((await ask(left, "GET", "/healthz"))[0]).toBe(200);
  const file = join(folder, "letter");
  await writeFile(file, "dear");
  await expect(serveOn(file, folder)).rejects.toMatchObject({ kind: "config", message: expect.stringContaining(file) });
});
