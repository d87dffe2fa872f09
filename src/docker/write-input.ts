import { once } from "node:events";
import type { Writable } from "node:stream";

/**
 * Writes all of `input` at the reader's pace, then closes the writing half alone, so that what comes back can still be read. Ends
 * early and quietly where the reader went away; throws what `input` throws.
 */
export async function writeInput(input: AsyncIterable<Uint8Array>, into: Writable): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  // A command that ends without reading all of its input is judged by its exit code.
  into.on("error", leave);
  into.once("close", leave);
  for await (const bytes of input) {
    if (gone.signal.aborted || into.destroyed) return;
    if (into.write(bytes)) continue;
    await once(into, "drain", { signal: gone.signal }).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error;
    });
  }
  if (!into.destroyed) into.end();
}
