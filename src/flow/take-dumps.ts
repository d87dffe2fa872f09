import type { ArchiveSession } from "../contract/archive-session.ts";
import type { DumpRecord } from "../contract/manifest.ts";
import { openDump } from "../dump/open-dump.ts";
import type { HoldContext } from "./while-held.ts";

/** Puts the dumps that the module's labels ask for into its archive, while its services run. One that fails ends the backup. */
export async function takeDumps(
  { davit, module, reporter, signal }: HoldContext,
  session: ArchiveSession,
): Promise<DumpRecord[]> {
  const dumps: DumpRecord[] = [];
  for (const { id, name, dump } of module.containers) {
    if (dump === null) continue;
    if (dumps.length === 0) reporter.stage("dump");
    const target = { docker: davit.docker, document: await davit.docker.inspect(id), signal };
    const visible = module.sources.map((source) => source.path);
    const stream = await openDump(target, dump, visible);
    const bytes = await session.addDump(stream);
    dumps.push({ container: name, kind: dump.kind, database: dump.path, path: `davit-dumps/${stream.name}`, bytes });
  }
  return dumps;
}
