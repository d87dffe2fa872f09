/*
 * A process that takes the lock of module `nas` again and again: argv: state folder, rounds. While it has the lock it makes a
 * file that must not exist yet; that fails where two processes have the lock together. Prints how often it had the lock.
 */
import { closeSync, openSync, unlinkSync } from "node:fs";
import path from "node:path";
import { Failure } from "../../src/failure/failure.ts";
import { takeModuleLock } from "../../src/runs/module-lock.ts";

const [state = "", rounds = "0"] = process.argv.slice(2);
const proof = path.join(state, "alone");
let taken = 0;
while (taken < Number(rounds)) {
  try {
    const since = new Date().toISOString();
    const lock = takeModuleLock(state, "nas", { run: `r${taken}`, pid: process.pid, instance: "test", since });
    closeSync(openSync(proof, "wx"));
    unlinkSync(proof);
    taken += 1;
    lock.release();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== "busy") throw thrown;
  }
}
process.stdout.write(String(taken));
