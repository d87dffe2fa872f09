import path from "node:path";
import { keepNote } from "../durable/keep-note.ts";

/** Makes sure that the machines' vault says how a machine is brought back with virsh and qemu-img alone. */
export async function writeMachineNote(vault: string): Promise<void> {
  await keepNote(path.join(vault, "RESTORE.txt"), note);
}

// Its commands are those of docs/agent.md, which a test follows on a real machine.
const note = `These are backups of virtual machines, made by Davit's agent. Nothing of Davit is needed to bring a machine back: on any host with
libvirt and QEMU, as root, do this (apt install libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils). The example brings
back the machine docker-host.

1. Choose a point. Below each machine are chains, called by the time (UTC) of the full that they begin with; in a chain are its points, called
   by theirs. The last is the newest. Names that begin with a dot are no points.

       ls /mnt/backups/vm/docker-host/*/
       cd /mnt/backups/vm/docker-host/20261122T010000Z/20261123T010000Z

2. Check it, and all that it builds on: every line has to end with OK. An increment (its disks have a backing file in the chain) needs all
   before it.

       qemu-img info --backing-chain vda.qcow2
       for point in ../*/; do (cd "$point" && sha256sum -c SHA256SUMS); done

3. Make each disk whole again, where the machine had it: domain.xml says where, and in which format (type= of its driver, for -O). One line
   a disk: vda, vdb, ...

       grep -E '<(driver|source|target) ' domain.xml
       qemu-img convert -p -O qcow2 vda.qcow2 /var/lib/libvirt/images/docker-host.qcow2

4. Where there is a nvram.fd (UEFI), or a tpm2-00.permall (TPM):

       nvram=$(sed -n 's:.*<nvram[^>]*>\\(.*\\)</nvram>.*:\\1:p' domain.xml)
       [ ! -e nvram.fd ] || install -D -m 600 nvram.fd "$nvram"
       uuid=$(sed -n 's:.*<uuid>\\(.*\\)</uuid>.*:\\1:p' domain.xml)
       [ ! -e tpm2-00.permall ] || install -D -m 600 tpm2-00.permall "/var/lib/libvirt/swtpm/$uuid/tpm2/tpm2-00.permall"

5. Define the machine and start it. Networks and storage pools that it uses must exist.

       virsh define domain.xml
       virsh start docker-host

Do not start it while the old one still runs elsewhere. domain.xml and the disks hold what the machine holds, passwords included: keep them
private.

With Davit's agent, "davit agent restore" does this, and more: under another name, beside the old machine, single files.
`;
