import { open } from "node:fs/promises";
import { runEvent, type RunEvent } from "../contract/run-event.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

export interface RunPart {
  events: RunEvent[];
  /** Offset after the last whole line: where to go on reading. */
  offset: number;
}

/**
 * The events of a run's file from a byte offset on. A torn last line (being written, or left by a crash) is left for the
 * next read, and a line that a full disk tore is passed over. A `missing` Failure where the run does not exist.
 */
export async function readRun(file: string, id: string, offset = 0): Promise<RunPart> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const content = Buffer.alloc(Math.max(0, size - offset));
      const { bytesRead } = await handle.read(content, 0, content.length, offset);
      const end = content.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
      return { events: parseEvents(content.toString("utf8", 0, end)), offset: offset + end };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT")
      throw new Failure("missing", `there is no run ${id}`, { hint: "`davit runs` lists those there are" });
    throw storageFailure(`can't read the run ${file}`, thrown);
  }
}

function parseEvents(text: string): RunEvent[] {
  return text.split("\n").flatMap((line) => {
    try {
      const parsed = runEvent.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}
