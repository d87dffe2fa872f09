import { setTimeout as delay } from "node:timers/promises";
import { changeFiles } from "./change-files.ts";
import type { HoldOptions } from "./hold-options.ts";
import { type Floor, type Method, type Outcome, rsyncTwice, runDavit, stopAndArchive } from "./methods.ts";
import { runProgram } from "../run-program.ts";
import { type Scene, tell, withScene } from "./scene.ts";
import { type Latencies, type Load, startLoad } from "./start-load.ts";

interface MeasuredHold extends Outcome {
  name: string;
  latencies: Latencies;
}

export interface HoldFindings {
  /** The database's clients while nothing is backed up. */
  calm: Latencies;
  /** Davit's first. */
  methods: readonly MeasuredHold[];
  /** What Davit's catch-up had to read, read by `cat`. */
  floor: Floor;
}

const calmMs = 10_000;

/** Measures each method over one and the same service, whose clients go on all the time. */
export async function measureHolds(options: HoldOptions, signal: AbortSignal): Promise<HoldFindings> {
  return withScene(options, signal, async (scene) => {
    const load = startLoad(scene, options.rate);
    try {
      tell("the clients alone");
      const from = performance.now();
      await delay(calmMs, undefined, { signal });
      await load.settled();
      const calm = load.between(from, from + calmMs);
      let floor: Floor = { files: 0, bytes: 0, ms: 0 };
      const davit: Method = {
        name: "Davit",
        async run(on) {
          const outcome = await runDavit(on);
          floor = outcome.floor;
          return outcome;
        },
      };
      const methods: MeasuredHold[] = [];
      for (const method of [davit, rsyncTwice, stopAndArchive]) methods.push(await measure(scene, load, method));
      return { calm, methods, floor };
    } finally {
      load.stop();
    }
  });
}

/** Once to see how much time there is for changes before the hold, where there is any, and once to measure. */
async function measure(scene: Scene, load: Load, method: Method): Promise<MeasuredHold> {
  let live = 0;
  if (method !== stopAndArchive) {
    tell(`${method.name}, to see how long it takes`);
    live = (await method.run(scene)).live;
  }
  await load.settled();
  await runProgram(["sync"], { signal: scene.signal });
  tell(method.name);
  const done = new AbortController();
  const changes = live > 0 ? changeFiles(scene, live / 1000, done.signal).catch(() => undefined) : null;
  const from = performance.now();
  const outcome = await method.run(scene);
  const to = performance.now();
  done.abort();
  await changes;
  await load.settled();
  return { name: method.name, ...outcome, latencies: load.between(from, to) };
}
