import { z } from "zod";
import { count, pathBytes, pathInBackup } from "./api.ts";
import { backupTime } from "./backup-id.ts";

const entryType = z.enum(["file", "directory", "symlink", "hardlink", "fifo"]);

const position = {
  /** As a person sees it. */
  path: z.string(),
  /** Base64 of the path's bytes, where they are not UTF-8. */
  path64: z.string().optional(),
};

const status = {
  type: entryType,
  /** Of a file's content; 0 for all else. */
  size: z.int(),
  /** The twelve permission bits. */
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
  /** Seconds since 1970 with nine decimals. */
  mtime: z.string(),
  /** Where a link leads. */
  link: z.string().optional(),
};

/** One entry of a backup, as lists show it. */
const browseEntry = z.strictObject({
  ...position,
  ...status,
  name: z.string(),
  /** False for a directory above a source, of which the backup has neither mode nor owner nor time. */
  listed: z.boolean(),
  /** Of a directory: all that is below it. */
  below: z.strictObject({ entries: z.int(), bytes: z.int() }).optional(),
});
export type BrowseEntry = z.infer<typeof browseEntry>;

const page = {
  /** How many there are in all. */
  total: z.int(),
  /** Whether there are more: ask again with `skip` raised by the number that came. */
  more: z.boolean(),
};

export const folderPage = z.strictObject({
  /** The folder itself; of the path "" what stands above all. */
  folder: browseEntry,
  /** Folders first, then by name. */
  entries: z.array(browseEntry),
  ...page,
});
export type FolderPage = z.infer<typeof folderPage>;

export const searchPage = z.strictObject({
  /** Those that match best come first: by their name, then by their path. */
  entries: z.array(browseEntry),
  ...page,
});
export type SearchPage = z.infer<typeof searchPage>;

const changeKind = z.enum(["added", "changed", "removed"]);
export type ChangeKind = z.infer<typeof changeKind>;
const side = z.strictObject(status);

const change = z.strictObject({
  ...position,
  kind: changeKind,
  /** What is different, of a changed one. */
  what: z.array(z.enum(["content", "type", "mode", "owner", "link"])),
  /** As this backup has it, and as the other one has it. */
  now: side.nullable(),
  before: side.nullable(),
});
export type Change = z.infer<typeof change>;

export const comparePage = z.strictObject({
  /** The ids of this backup and of the one that it was compared with. */
  id: z.string(),
  with: z.string(),
  counts: z.strictObject({ added: z.int(), changed: z.int(), removed: z.int() }),
  /** In the order of their paths. */
  changes: z.array(change),
  ...page,
});
export type ComparePage = z.infer<typeof comparePage>;

export const preview = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("text"),
    text: z.string(),
    /** Whether the file goes on after that. */
    cut: z.boolean(),
    size: z.int(),
  }),
  z.strictObject({
    kind: z.literal("image"),
    mediaType: z.enum(["image/png", "image/jpeg", "image/gif", "image/webp"]),
    base64: z.base64(),
    size: z.int(),
  }),
  z.strictObject({
    kind: z.literal("none"),
    /** `binary`: neither text nor an image; `too-big`: an image that is too big to show. */
    reason: z.enum(["binary", "too-big"]),
    size: z.int(),
  }),
]);
export type Preview = z.infer<typeof preview>;

const pageQuery = { skip: count(0, Number.MAX_SAFE_INTEGER), limit: count(200, 2000) };

/** Which part of a list is asked for. */
export interface Page {
  skip: number;
  limit: number;
}

export const treeQuery = z.strictObject({
  path: pathInBackup.default(""),
  /** The path as base64 of its bytes, for one that is not UTF-8; goes before `path`. */
  path64: pathBytes.optional(),
  ...pageQuery,
});
export const searchQuery = z.strictObject({
  /** Words, all of which the path must have, whatever the case; one with `*` or `?` must match the whole name. */
  q: z.string().trim().min(1).max(1000),
  ...pageQuery,
});
export const compareQuery = z.strictObject({
  /** Another backup of the same module. */
  with: z.union([backupTime, z.literal("latest")]),
  /** Only these; all where it is not given. The counts are of all. */
  kind: changeKind.optional(),
  ...pageQuery,
});
