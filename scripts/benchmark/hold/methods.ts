import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runProgram } from "../run-program.ts";
import { type Scene, untilDatabaseAnswers } from "./scene.ts";

/** What a backup by one of the methods came to, in ms. */
export interface Outcome {
  whole: number;
  /** How long it took until the service was held; what happens in this time has to be caught up with. */
  live: number;
  /** How long the service stood still, by the clock of whoever held it. */
  hold: number;
  /** What else is to be said of it. */
  notes: string[];
}

export interface Method {
  name: string;
  run(scene: Scene): Promise<Outcome>;
}

const program = join(import.meta.dirname, "../../../src/davit.ts");

const printed = z.array(
  z.looseObject({
    manifest: z.looseObject({
      started: z.iso.datetime(),
      held: z.iso.datetime(),
      hold: z.looseObject({
        ms: z.int(),
        passes: z.array(z.object({ entries: z.int(), bytes: z.int(), ms: z.int() })).optional(),
      }),
    }),
  }),
);

/** What had changed while the service ran, and how long it takes just to read that. */
export interface Floor {
  files: number;
  bytes: number;
  ms: number;
}

/** Davit's own, which also tells the floor under its hold. */
export async function runDavit(scene: Scene): Promise<Outcome & { floor: Floor }> {
  const { module, results, volumes, signal } = scene;
  const environment = {
    DAVIT_VAULT: join(results, "vault"),
    DAVIT_STATE: join(results, "state"),
    DAVIT_ROOTS: volumes,
    LOG_LEVEL: "warn",
    NODE_COMPILE_CACHE: join(import.meta.dirname, "../../../node_modules/.cache/davit"),
  };
  mkdirSync(environment.DAVIT_VAULT, { recursive: true });
  const start = performance.now();
  const words = [
    "--disable-warning=ExperimentalWarning",
    "--max-semi-space-size=4",
    program,
    "backup",
    module,
    "--json",
  ];
  const output = await runProgram([process.execPath, ...words], { environment, signal });
  const whole = performance.now() - start;
  const [backup] = printed.parse(JSON.parse(output));
  if (backup === undefined) throw new Error("davit backup printed no backup");
  const { started, held, hold } = backup.manifest;
  const passes = hold.passes ?? [];
  const since = passes.length > 1 ? Date.parse(held) - (passes.at(-2)?.ms ?? 0) : Date.parse(started);
  return {
    whole,
    live: Date.parse(held) - Date.parse(started),
    hold: hold.ms,
    notes: passes.map(
      ({ entries, bytes, ms }, at) =>
        `${at === passes.length - 1 ? "catch-up" : `live pass ${at + 1}`}: ${entries} entries, ${(bytes / 1e6).toFixed(1)} MB, ${ms} ms`,
    ),
    floor: await readChanged(scene, new Date(since)),
  };
}

/** `cat` of all files that have changed since a moment. */
async function readChanged({ volumes, results, signal }: Scene, since: Date): Promise<Floor> {
  const list = join(results, "changed");
  const find = `find "$1" -type f -newermt "@$2" -print0 >"$3"`;
  await runProgram(["sh", "-c", find, "sh", volumes, String(since.getTime() / 1000), list], { signal });
  const start = performance.now();
  const bytes = await runProgram(["sh", "-c", `xargs -0 cat <"$1" | wc -c`, "sh", list], { signal });
  const ms = performance.now() - start;
  return { files: readFileSync(list, "latin1").split("\0").length - 1, bytes: Number(bytes), ms };
}

/** Stops all, makes a tar file, and starts all again. */
export const stopAndArchive: Method = {
  name: "stop, tar czf, start",
  async run(scene) {
    const { containers, volumes, results, signal } = scene;
    const archive = join(results, "stopped.tar.gz");
    const start = performance.now();
    await runProgram(["docker", "stop", ...containers.toReversed()], { signal });
    const stopped = performance.now();
    await runProgram(["tar", "czf", archive, "-C", volumes, "."], { signal });
    const archived = performance.now();
    await runProgram(["docker", "start", ...containers], { signal });
    await untilDatabaseAnswers(scene);
    const hold = performance.now() - start;
    rmSync(archive);
    const note = `stop ${seconds(stopped - start)}, archive ${seconds(archived - stopped)}, start ${seconds(hold - archived + start)}`;
    return { whole: hold, live: 0, hold, notes: [note] };
  },
};

/** Copies all while the service runs, and then once more while it is paused. No archive comes of it. */
export const rsyncTwice: Method = {
  name: "rsync, pause, rsync",
  async run({ containers, volumes, results, signal }) {
    const copy = join(results, "copy");
    rmSync(copy, { recursive: true, force: true });
    const rsync = ["rsync", "-a", "--delete", `${volumes}/`, copy];
    const start = performance.now();
    // Files that vanish meanwhile are to be expected; rsync then ends with 24.
    await runProgram(["sh", "-c", '"$@" || [ $? = 24 ]', "sh", ...rsync], { signal });
    const copied = performance.now();
    await runProgram(["docker", "pause", ...containers.toReversed()], { signal });
    await runProgram(rsync, { signal });
    await runProgram(["docker", "unpause", ...containers], { signal });
    const end = performance.now();
    return { whole: end - start, live: copied - start, hold: end - copied, notes: [] };
  },
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
