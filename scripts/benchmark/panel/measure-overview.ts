import { mkdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pino } from "pino";
import { createApi } from "../../../src/api/create-api.ts";
import { createOperations } from "../../../src/api/davit-operations.ts";
import { loadConfig } from "../../../src/config/load-config.ts";
import type { Module } from "../../../src/contract/module.ts";
import { settleSettings } from "../../../src/discover/settle-settings.ts";
import { openDavit } from "../../../src/flow/open-davit.ts";
import { type Figure, timeFigure, timesOf } from "./figure.ts";
import { makeVault, moduleNames } from "./make-vault.ts";

const rounds = 9;
const warmMs = 200;

/** Asks a real server, over its socket, for the overview of a full vault. */
export async function measureOverview(folder: string, count: number, each: number): Promise<Figure[]> {
  const names = moduleNames(count);
  const [vault, state, socket] = ["vault", "state", "socket"].map((name) => join(folder, name));
  if (vault === undefined || state === undefined || socket === undefined) throw new Error("three were joined");
  makeVault(vault, names, each, new Date());
  mkdirSync(state);
  const config = loadConfig({ DAVIT_VAULT: vault, DAVIT_STATE: state }, "/dev/null");
  const davit = await openDavit(config);
  const modules = names.map((name): Module => {
    const { settings } = settleSettings(name, [], config);
    return { name, containers: [], sources: [], leftOut: [], settings, warnings: [] };
  });
  const stop = new AbortController();
  const operations = createOperations({
    davit,
    agent: null,
    modules: () => modules,
    unlisted: () => [],
    vaultVolume: () => null,
    signal: stop.signal,
  });
  const api = await createApi({ operations, stateDir: state, log: pino({ level: "silent" }), version: "bench" });
  await api.listenOnSocket(socket);
  try {
    const ask = async (): Promise<number> => (await overviewOver(socket)).length;
    const cold = await timesOf(1, ask);
    const warm = await timesOf(rounds, ask);
    return [
      { what: `overview of ${names.length} modules, ${names.length * each} backups`, figure: `${await ask()} bytes` },
      timeFigure("the first one of a process", cold),
      timeFigure("overview", warm, warmMs),
    ];
  } finally {
    await api.close();
  }
}

async function overviewOver(socketPath: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const asked = request({ socketPath, path: "/api/v1/overview" }, (answer) => {
    if (answer.statusCode === 200) buffer(answer).then(resolve, reject);
    else reject(new Error(`the overview has status ${answer.statusCode}`));
  });
  asked.on("error", reject);
  asked.end();
  return promise;
}
