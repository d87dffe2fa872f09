import path from "node:path";
import { type Evidence, evidence } from "../contract/manifest.ts";
import { appendLine } from "../durable/append-line.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { evidenceFile } from "../format/file-names.ts";

/** Adds a line to the backup's evidence.ndjson; it survives a power cut once the promise is fulfilled. */
export async function appendEvidence(folder: string, id: string, record: Evidence): Promise<void> {
  const file = path.join(folder, evidenceFile);
  try {
    await appendLine(file, JSON.stringify(evidence.parse(record)));
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw new Failure("missing", `there is no backup ${id}`, { cause: thrown });
    throw storageFailure(`can't write ${file}`, thrown);
  }
}
