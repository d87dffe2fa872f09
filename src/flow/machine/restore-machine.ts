import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { requireFree } from "../../durable/place-file.ts";
import { Failure, withUndo } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { defineDomain, undefineDomain } from "../../machine/define-domain.ts";
import { domainState } from "../../machine/domain-state.ts";
import { isLocal } from "../../machine/is-local.ts";
import { domainFile, nvramFile } from "../../machine/point-files.ts";
import { renameDomain } from "../../machine/rename-domain.ts";
import { type Libvirt, runVirsh } from "../../machine/run-virsh.ts";
import type { FlowRequest } from "../flow-request.ts";
import type { Host } from "./host.ts";
import { recordMachineRun } from "./record-machine-run.ts";
import { checkedManifest, copyDocument, writeDisks } from "./restore-point.ts";

export interface MachineRestoreRequest extends FlowRequest {
  /** What the new machine is called; no other may be called so. */
  as: string;
  /** The folder in which its disks are put, `<name>-vda.qcow2`; libvirt's QEMU has to come through to it. */
  folder: string;
  /** Whether it keeps its network cards, with new addresses. */
  network?: boolean;
  start?: boolean;
  verify?: boolean;
  /** Where libvirt is asked; `qemu:///system` unless given. */
  uri?: string;
}

export interface MachineRestoreResult {
  point: string;
  name: string;
  uuid: string;
  /** Its disks, and its NVRAM. */
  files: string[];
  started: boolean;
}

const domainName = z.string().regex(/^[a-zA-Z0-9_][a-zA-Z0-9_.+:@-]{0,99}$/u);

/**
 * Makes a new machine of a point, beside the one that it was: its own name, UUID and addresses, its disks in a folder, no network unless
 * asked; defined, and started if asked. When it throws, nothing of it is left.
 */
export async function restoreMachine(
  host: Host,
  name: string,
  request: MachineRestoreRequest,
): Promise<MachineRestoreResult> {
  const { id, machine } = await host.vault.resolve(name);
  const { as, network = false, start = false, verify = true, uri = "qemu:///system" } = request;
  const folder = resolve(request.folder);
  if (!domainName.safeParse(as).success)
    throw new Failure("usage", `${as} can't be a machine's name`, { hint: "use letters, digits, '-', '_' and '.'" });
  if (!isLocal(uri))
    throw new Failure("usage", `${uri} is on another host, and its disks would be put on this one`, {
      hint: "restore the point to a folder with --to, copy that, and define the machine there",
    });
  return recordMachineRun(host, request, {
    kind: "restore",
    module: machine,
    backup: id,
    work: async (reporter, signal) => {
      reporter.stage("plan");
      const libvirt = { uri, signal };
      const work = { host, id, machine, reporter, signal };
      const manifest = await checkedManifest(work, verify);
      await requireNoDomain(libvirt, as);
      const disks = manifest.disks.map((disk) => ({ disk, file: join(folder, `${as}-${disk.target}.qcow2`) }));
      const hasNvram = manifest.documents.some(({ file }) => file === nvramFile);
      const nvram = hasNvram ? join(folder, `${as}-${nvramFile}`) : null;
      const files = [...disks.map(({ file }) => file), ...(nvram === null ? [] : [nvram])];
      await requireFree(...files);
      const uuid = randomUUID();
      const { xml, warnings } = renameDomain(await readFile(join(host.vault.folder(id), domainFile), "utf8"), {
        name: as,
        uuid,
        disks: new Map(disks.map(({ disk, file }) => [disk.target, file])),
        nvram,
        network,
        newMac,
      });
      for (const { message } of warnings) reporter.warning(message);

      await mkdir(folder, { recursive: true, mode: 0o711 }).catch((thrown: unknown) => {
        throw storageFailure(`can't make ${folder}`, thrown);
      });
      await writeDisks(work, disks);
      const made = disks.map(({ file }) => file);
      return withUndo(
        async () => {
          if (nvram !== null) {
            await copyDocument(host.vault.folder(id), nvramFile, nvram);
            made.push(nvram);
          }
          reporter.stage("define");
          await defineDomain(libvirt, xml);
          if (start) await startDomain(libvirt, as, folder);
          return { point: id, name: as, uuid, files, started: start };
        },
        async () => {
          await undefineDomain({ uri, signal: AbortSignal.timeout(60_000) }, uuid);
          for (const file of made) await rm(file, { force: true });
        },
      );
    },
  });
}

async function requireNoDomain(libvirt: Libvirt, name: string): Promise<void> {
  if ((await domainState(libvirt, name)) === null) return;
  throw new Failure("usage", `there is a machine ${name} already`, {
    hint: `choose another name; \`virsh -c ${libvirt.uri} list --all --name\` shows those there are`,
  });
}

async function startDomain(libvirt: Libvirt, name: string, folder: string): Promise<void> {
  await runVirsh(libvirt, ["start", `--domain=${name}`]).catch((thrown: unknown) => {
    if (!(thrown instanceof Failure) || !/Permission denied/u.test(thrown.message)) throw thrown;
    throw new Failure("storage", thrown.message, {
      hint: `libvirt's QEMU can't come through to ${folder}: each folder above its disks has to be searchable (\`chmod o+x\`)`,
      cause: thrown,
    });
  });
}

/** An address of those that are QEMU's own to give (52:54:00). */
function newMac(): string {
  const bytes = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0"));
  return ["52", "54", "00", ...bytes].join(":");
}
