import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { syncFolder } from "../durable/sync-folder.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/**
 * The id of this host, `<state>/host-id`: made at the first call, the same ever after, also where several processes ask
 * first at the same time. It stands in each manifest and in the path of each copy.
 */
export async function hostId(state: string): Promise<string> {
  const file = path.join(state, "host-id");
  try {
    await mkdir(state, { recursive: true, mode: 0o700 });
    return (await readId(file)) ?? (await makeId(file));
  } catch (thrown) {
    throw storageFailure(`can't read or make the host's id ${file}`, thrown);
  }
}

async function readId(file: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
  const id = z.uuid().safeParse(text.trim());
  if (id.success) return id.data;
  // A new id would look like a new host, so Davit does not make one up.
  throw new Failure("config", `${file} holds no host id`, {
    hint: "put the id of this host's manifests (host.id) back into it, or remove it to begin as a new host",
  });
}

async function makeId(file: string): Promise<string> {
  const id = randomUUID();
  const temporary = `${file}.${id}.tmp`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(`${id}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link, unlike a rename, never replaces the id that another process made meanwhile.
    await link(temporary, file);
    await syncFolder(path.dirname(file));
    return id;
  } catch (thrown) {
    const other = errorCode(thrown) === "EEXIST" ? await readId(file) : null;
    if (other !== null) return other;
    throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}
