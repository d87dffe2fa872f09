import { open } from "node:fs/promises";
import path from "node:path";
import { type Evidence, evidence } from "../contract/manifest.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/** Adds a line to the backup's evidence.ndjson; it survives a power cut once the promise is fulfilled. */
export async function appendEvidence(folder: string, id: string, record: Evidence): Promise<void> {
  const file = path.join(folder, "evidence.ndjson");
  try {
    const handle = await open(file, "a+", 0o600);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1, "\n");
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      // A line that a crash tore must not take the next one with it.
      const start = last.toString() === "\n" ? "" : "\n";
      await handle.appendFile(`${start}${JSON.stringify(evidence.parse(record))}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw new Failure("missing", `there is no backup ${id}`, { cause: thrown });
    throw storageFailure(`can't write ${file}`, thrown);
  }
}
