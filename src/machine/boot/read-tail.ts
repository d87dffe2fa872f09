import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { errorCode } from "../../failure/failure.ts";

/**
 * The last bytes of a file that another program writes, empty where there is none yet. Only of a plain file that really lies
 * there: whoever takes QEMU over must not have Davit read, as root, what a link points to.
 */
export async function readTail(file: string, mostBytes: number): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, flags).catch((error: unknown) => {
    if (["ENOENT", "ELOOP", "ENXIO"].includes(errorCode(error) ?? "")) return null;
    throw error;
  });
  if (handle === null) return Buffer.alloc(0);
  try {
    const status = await handle.stat();
    if (!status.isFile()) return Buffer.alloc(0);
    const length = Math.min(status.size, mostBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, status.size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
