import { join } from "node:path";
import { XMLBuilder } from "fast-xml-parser";
import type { PointPlan } from "./plan-point.ts";

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", suppressEmptyNode: true });

/**
 * What `virsh backup-begin` is told to copy, and where to (https://libvirt.org/formatbackup.html): every disk of the plan is pushed to
 * its file in `folder`, which is there already; all others of the domain are named as left out.
 */
export function backupXml({ disks, parent }: PointPlan, folder: string, others: readonly string[]): string {
  return builder.build({
    domainbackup: {
      "@mode": "push",
      ...(parent?.checkpoint != null && { incremental: parent.checkpoint }),
      disks: {
        disk: [
          ...disks.map((disk) => ({
            "@name": disk.target,
            "@backup": "yes",
            "@type": "file",
            ...(parent !== null && disk.type === "full" && { "@backupmode": "full" }),
            driver: { "@type": "qcow2" },
            target: { "@file": join(folder, disk.file) },
          })),
          ...others.map((target) => ({ "@name": target, "@backup": "no" })),
        ],
      },
    },
  });
}

/**
 * The checkpoint that is made in the same instant (https://libvirt.org/formatcheckpoint.html), over all disks that can track their changes;
 * null where none can.
 */
export function checkpointXml({ disks }: PointPlan, name: string, others: readonly string[]): string | null {
  if (disks.every((disk) => disk.untracked !== null)) return null;
  return builder.build({
    domaincheckpoint: {
      name,
      disks: {
        disk: [
          ...disks.map(({ target, untracked }) => ({
            "@name": target,
            "@checkpoint": untracked === null ? "bitmap" : "no",
          })),
          ...others.map((target) => ({ "@name": target, "@checkpoint": "no" })),
        ],
      },
    },
  });
}

/** A checkpoint whose bitmaps are in the disks already, for `virsh checkpoint-create --redefine`; `domain` is the domain's own XML. */
export function redefinedXml(checkpoint: string, domain: string, parent: string | null, created: Date): string {
  const more = builder.build({
    creationTime: Math.floor(created.getTime() / 1000),
    ...(parent !== null && { parent: { name: parent } }),
  });
  return checkpoint.replace("</domaincheckpoint>", () => `${more}${domain}</domaincheckpoint>`);
}
