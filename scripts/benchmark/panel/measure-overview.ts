import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { type Figure, timeFigure, timesOf } from "./figure.ts";
import type { ServedVault } from "./serve-vault.ts";

const rounds = 9;
const warmMs = 200;

/** Asks a real server, over its socket, for the overview of a full vault; nobody may have asked it before. */
export async function measureOverview({ modules, backups, socket }: ServedVault): Promise<Figure[]> {
  const ask = async (): Promise<number> => (await overviewOver(socket)).length;
  const cold = await timesOf(1, ask);
  const warm = await timesOf(rounds, ask);
  return [
    { what: `overview of ${modules.length} modules, ${backups} backups`, figure: `${await ask()} bytes` },
    timeFigure("the first one of a process", cold),
    timeFigure("overview", warm, warmMs),
  ];
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
