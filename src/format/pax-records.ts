import { Failure } from "../failure/failure.ts";
import { aclText } from "./acl-text.ts";
import type { BytePath } from "./byte-path.ts";

const space = 0x20;
const newline = 0x0a;
const equals = 0x3d;

/**
 * Reads the body of a pax header: `LENGTH KEY=VALUE\n`, one record after the other, where LENGTH counts its own digits too.
 * Values are bytes. Throws `damaged` when lengths do not add up.
 */
export function parsePaxRecords(body: Buffer): Map<BytePath, Buffer> {
  const records = new Map<BytePath, Buffer>();
  let at = 0;
  while (at < body.length) {
    const gap = body.indexOf(space, at);
    const digits = gap < 0 ? "" : body.toString("latin1", at, gap);
    const end = at + Number(digits);
    if (!/^[1-9]\d{0,8}$/u.test(digits) || end > body.length || end <= gap + 2 || body[end - 1] !== newline)
      throw new Failure("damaged", "the archive has an extended header whose record lengths do not add up");
    const sign = body.indexOf(equals, gap + 1);
    if (sign < 0 || sign >= end)
      throw new Failure("damaged", "the archive has an extended header with a record that has no name");
    records.set(body.toString("latin1", gap + 1, sign), body.subarray(sign + 1, end - 1));
    at = end;
  }
  return records;
}

const aclRecords = new Map([
  ["system.posix_acl_access", "SCHILY.acl.access"],
  ["system.posix_acl_default", "SCHILY.acl.default"],
]);

/** The records of an extended attribute; for an ACL also the one in text, which alone GNU tar restores. */
export function attributeRecords(attribute: string, value: Buffer): [key: string, value: Buffer][] {
  const own: [string, Buffer] = [`SCHILY.xattr.${attribute}`, value];
  const record = aclRecords.get(attribute);
  const text = record === undefined ? null : aclText(value);
  return record === undefined || text === null ? [own] : [own, [record, Buffer.from(text)]];
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, itself included (POSIX pax interchange format). */
export function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.byteLength(key) + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from("\n")]);
}
