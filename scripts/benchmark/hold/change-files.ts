import { runProgram } from "../run-program.ts";
import type { Scene } from "./scene.ts";

/** Writes a share of the files anew, each in a moment of its own, spread over a time. */
const script = `
import os, random, sys, time
changes, seconds = int(sys.argv[1]), float(sys.argv[2])
paths = [os.path.join(at, name) for at, _, names in os.walk("/data") for name in names]
start = time.monotonic()
for i, path in enumerate(random.sample(paths, changes)):
    time.sleep(max(0, start + seconds * i / changes - time.monotonic()))
    size = os.path.getsize(path)
    with open(path, "wb") as file:
        file.write((b"changed %d " % random.getrandbits(64) * (size // 20 + 1))[:size])
`;

const share = 0.01;

/** Changes one file in a hundred in the course of that many seconds, from inside the module, which may be held meanwhile. */
export async function changeFiles({ filesIn, files }: Scene, seconds: number, signal: AbortSignal): Promise<void> {
  const numbers = [Math.ceil(files * share), seconds].map(String);
  await runProgram(["docker", "exec", filesIn, "python3", "-c", script, ...numbers], { signal });
}
