import { join } from "node:path";
import { pino } from "pino";
import { createApi } from "../../../src/api/create-api.ts";
import { createOperations } from "../../../src/api/davit-operations.ts";
import { ensurePassword } from "../../../src/api/password.ts";
import { loadConfig } from "../../../src/config/load-config.ts";
import type { Module } from "../../../src/contract/module.ts";
import { settleSettings } from "../../../src/discover/settle-settings.ts";
import { openDavit } from "../../../src/flow/open-davit.ts";
import { makeRuns } from "./make-runs.ts";
import { makeVault, moduleNames } from "./make-vault.ts";

export interface ServedVault {
  modules: readonly string[];
  backups: number;
  url: string;
  socket: string;
  password: string;
  close(): Promise<void>;
}

const password = "only for the benchmark";

/** Serves a vault of so many modules with so many backups and runs each, as `davit serve` does, but that no engine is asked for the modules. */
export async function serveVault(folder: string, count: number, each: number): Promise<ServedVault> {
  const names = moduleNames(count);
  const [vault, state, socket] = [join(folder, "vault"), join(folder, "state"), join(folder, "socket")];
  const now = new Date();
  makeVault(vault, names, each, now);
  makeRuns(state, names, each, now);
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
  await ensurePassword(state, password);
  const api = await createApi({ operations, stateDir: state, log: pino({ level: "silent" }), version: "bench" });
  await api.listenOnSocket(socket);
  const { url } = await api.listen({ host: "127.0.0.1", port: 0 });
  return { modules: names, backups: names.length * each, url, socket, password, close: () => api.close() };
}
