import { Failure } from "../failure/failure.ts";
import { toDisplay } from "./byte-path.ts";
import { blockSize } from "./parse-tar-header.ts";
import type { Region, TarEntry } from "./tar-entry.ts";

/** A map may have this many regions; real ones have some thousands. */
const maxRegions = 10_000_000;

/**
 * Reads the map that stands before the data of a GNU sparse 1.0 entry: decimal numbers, a line each: how many regions,
 * then offset and length of each, padded with NUL to 512 bytes. Throws `damaged` for regions out of order or beyond the size.
 */
export async function parseSparseMap(
  entry: TarEntry,
  stored: number,
  takeBlock: () => Promise<Buffer>,
): Promise<{ regions: Region[]; mapBytes: number }> {
  const damaged = new Failure(
    "damaged",
    `the archive holds a sparse file whose map is wrong: ${toDisplay(entry.path)}`,
  );
  let rest = "";
  let mapBytes = 0;
  const number = async (): Promise<number> => {
    let end = rest.indexOf("\n");
    while (end < 0) {
      if (mapBytes + blockSize > stored || rest.length > blockSize) throw damaged;
      rest += (await takeBlock()).toString("latin1");
      mapBytes += blockSize;
      end = rest.indexOf("\n");
    }
    const digits = rest.slice(0, end);
    rest = rest.slice(end + 1);
    if (!/^\d{1,16}$/u.test(digits)) throw damaged;
    return Number(digits);
  };
  const count = await number();
  if (count > maxRegions) throw damaged;
  const regions: Region[] = [];
  let reached = 0;
  let data = 0;
  for (let index = 0; index < count; index += 1) {
    const offset = await number();
    const length = await number();
    if (offset < reached || offset + length > entry.size) throw damaged;
    reached = offset + length;
    data += length;
    if (length > 0) regions.push({ offset, length });
  }
  if (data !== stored - mapBytes) throw damaged;
  return { regions, mapBytes };
}
