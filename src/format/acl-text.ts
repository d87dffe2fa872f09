const tags: Readonly<Record<number, string>> = {
  0x01: "user:",
  0x02: "user",
  0x04: "group:",
  0x08: "group",
  0x10: "mask:",
  0x20: "other:",
};
const headerSize = 4;
const entrySize = 8;

/**
 * The text form (acl(5), numeric ids) of a POSIX ACL as Linux keeps it in `system.posix_acl_access` and `…_default`: a 32
 * bit version 2, then entries of tag, permissions and id (linux/posix_acl_xattr.h). GNU tar restores an ACL from
 * `SCHILY.acl.access` in this form, and from nothing else. Null where the bytes are no such ACL.
 */
export function aclText(value: Buffer): string | null {
  if (value.length < headerSize || value.readUInt32LE(0) !== 2) return null;
  const entries: string[] = [];
  for (let at = headerSize; at + entrySize <= value.length; at += entrySize) {
    const tag = tags[value.readUInt16LE(at)];
    if (tag === undefined) return null;
    const permissions = value.readUInt16LE(at + 2);
    const letters = `${permissions & 4 ? "r" : "-"}${permissions & 2 ? "w" : "-"}${permissions & 1 ? "x" : "-"}`;
    entries.push(tag.endsWith(":") ? `${tag}:${letters}` : `${tag}:${value.readUInt32LE(at + 4)}:${letters}`);
  }
  return entries.join(",");
}
