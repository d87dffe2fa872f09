import { open } from "node:fs/promises";

/**
 * Adds a line to a file, which is made (mode 0600) where it isn't there; it survives a power cut once the promise is
 * fulfilled. A line that a crash tore before does not take this one with it. Throws the file system's own error.
 */
export async function appendLine(file: string, line: string): Promise<void> {
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1, "\n");
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const start = last.toString() === "\n" ? "" : "\n";
    await handle.appendFile(`${start}${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
