import { lstat, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Warning } from "../contract/module.ts";
import { asFailure, errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { isLocal } from "./is-local.ts";
import type { DomainElement } from "./parse-domain.ts";
import { domainFile, nvramFile, tpmFiles } from "./point-files.ts";
import type { Domain } from "./read-domain.ts";

/** Where swtpm keeps the state of the machines' TPMs (libvirt's swtpmStorageDir). */
const tpmHome = "/var/lib/libvirt/swtpm";
/** NVRAM and a TPM's state are some hundred KiB; what is far more is something else. */
const mostBytes = 64 * 1024 * 1024;
const tries = 5;

/**
 * Writes what a machine is besides its disks into a point's folder: its XML, its NVRAM, the state of its TPM. Gives the names of the
 * files, and a warning for each that could not be had.
 */
export async function saveDocuments(
  uri: string,
  domain: Domain,
  folder: string,
): Promise<{ files: string[]; warnings: Warning[] }> {
  await write(join(folder, domainFile), Buffer.from(domain.xml));
  const files = [domainFile];
  const warnings: Warning[] = [];
  const wanted = [...nvramOf(domain.element), ...tpmOf(domain)];
  if (wanted.length > 0 && !isLocal(uri)) {
    warnings.push(lost("its NVRAM and TPM are on another host"));
    return { files, warnings };
  }
  for (const { source, file } of wanted) {
    const content = await readSteady(source).catch((error: unknown) => asFailure(error).message);
    if (typeof content === "string") warnings.push(lost(`${source} could not be read: ${content}`));
    if (typeof content === "string" || content === null) continue;
    await write(join(folder, file), content);
    files.push(file);
  }
  if (wanted.some(({ file }) => isTpm(file)) && !files.some(isTpm))
    warnings.push(
      lost("the state of its TPM was not found", "what is sealed with the TPM (BitLocker) asks for its recovery key"),
    );
  return { files, warnings };
}

interface Wanted {
  source: string;
  file: string;
}

function nvramOf({ os }: DomainElement): Wanted[] {
  const { nvram } = os;
  const source = typeof nvram === "string" ? nvram : (nvram?.source?.["@file"] ?? nvram?.["#text"] ?? "");
  return source.trim() === "" ? [] : [{ source: source.trim(), file: nvramFile }];
}

function tpmOf({ uuid, element }: Domain): Wanted[] {
  if (!element.devices.tpm.some(({ backend }) => backend?.["@type"] === "emulator")) return [];
  return Object.entries(tpmFiles).map(([file, version]) => ({ source: join(tpmHome, uuid, version, file), file }));
}

function isTpm(file: string): boolean {
  return Object.hasOwn(tpmFiles, file);
}

/** A file that a machine may be writing: it is read until it is the same twice. Null where it isn't there. */
async function readSteady(file: string): Promise<Buffer | null> {
  try {
    if ((await lstat(file)).size > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`);
    let content = await readFile(file);
    for (let count = 1; count < tries; count += 1) {
      const again = await readFile(file);
      if (again.equals(content)) break;
      content = again;
    }
    return content;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

async function write(file: string, content: Buffer): Promise<void> {
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw storageFailure(`can't write ${file}`, thrown);
  }
}

function lost(message: string, hint?: string): Warning {
  return { severity: "warning", message, ...(hint !== undefined && { hint }) };
}
