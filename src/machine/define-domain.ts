import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeDurably } from "../durable/write-durably.ts";
import { asFailure, withCleanup } from "../failure/failure.ts";
import { type Libvirt, runVirsh, tryVirsh } from "./run-virsh.ts";

/** Makes a machine known to libvirt by its XML. */
export async function defineDomain(libvirt: Libvirt, xml: string): Promise<void> {
  // The XML may hold secrets, such as a password for VNC; virsh reads no standard input.
  const folder = await mkdtemp(join(tmpdir(), "davit-define-"));
  await withCleanup(
    async () => {
      const file = join(folder, "domain.xml");
      await writeDurably(file, xml, 0o600);
      await runVirsh(libvirt, ["define", "--file", file]);
    },
    () => rm(folder, { recursive: true, force: true }),
  );
}

/** Ends a machine, if it runs, and has libvirt forget it; its files stay. One that isn't there is as good. */
export async function undefineDomain(libvirt: Libvirt, uuid: string): Promise<void> {
  await tryVirsh(libvirt, ["destroy", uuid]);
  const words = ["undefine", uuid, "--keep-nvram", "--checkpoints-metadata", "--snapshots-metadata"];
  await runVirsh(libvirt, words).catch((thrown: unknown) => {
    if (asFailure(thrown).kind !== "missing") throw thrown;
  });
}
