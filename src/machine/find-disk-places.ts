import type { PointManifest } from "../contract/machine.ts";
import { Failure } from "../failure/failure.ts";
import { type DomainElement, parseDomain } from "./parse-domain.ts";
import { nvramFile } from "./point-files.ts";

/** Where a file of a point belongs, in a machine's definition. */
export interface DiskPlace {
  /** The file in the point. */
  from: string;
  /** The disk's name; null for the NVRAM. */
  target: string | null;
  file: string;
  format: "qcow2" | "raw";
}

/**
 * Where the disks of a point, all or those named, and its NVRAM belong by a machine's XML. Throws `usage` for a disk that the machine doesn't
 * have, or has in a way that no file can take the place of.
 */
export function findDiskPlaces(xml: string, manifest: PointManifest, names?: readonly string[]): DiskPlace[] {
  const domain = parseDomain(xml);
  const unknown = names?.find((name) => !manifest.disks.some(({ target }) => target === name));
  if (unknown !== undefined)
    throw new Failure("missing", `the point has no disk ${unknown}`, {
      hint: `it has ${manifest.disks.map(({ target }) => target).join(", ")}`,
    });
  const wanted = manifest.disks.filter(({ target }) => names === undefined || names.includes(target));
  const places = wanted.map(({ target, file }): DiskPlace => ({ ...placeOf(domain, target), from: file, target }));
  const nvram = nvramOf(domain);
  const saved = manifest.documents.some(({ file }) => file === nvramFile);
  if (names === undefined && saved && nvram !== null)
    places.push({ from: nvramFile, target: null, file: nvram, format: "raw" });
  return places;
}

const elsewhere = "restore it under a new name, or its disks to a folder with --to";

function placeOf({ devices }: DomainElement, target: string): Pick<DiskPlace, "file" | "format"> {
  const disk = devices.disk.find((one) => one.target["@dev"] === target);
  if (disk === undefined)
    throw new Failure("usage", `the machine has no disk ${target} now, and the point has one`, { hint: elsewhere });
  const file = disk.source?.["@file"];
  if (disk["@type"] !== "file" || file === undefined || !file.startsWith("/"))
    throw new Failure("usage", `${target} does not lie in a file, so that nothing can be put in its place`, {
      hint: elsewhere,
    });
  const format = disk.driver?.["@type"] ?? "raw";
  if (format !== "qcow2" && format !== "raw")
    throw new Failure("usage", `${target} has the format ${format}; qcow2 and raw are restored in place`, {
      hint: elsewhere,
    });
  return { file, format };
}

function nvramOf({ os }: DomainElement): string | null {
  const { nvram } = os;
  const file = typeof nvram === "string" ? nvram : (nvram?.source?.["@file"] ?? nvram?.["#text"] ?? "");
  return file.trim().startsWith("/") ? file.trim() : null;
}
