import type { BytePath } from "./byte-path.ts";

/** One stretch of a sparse file that holds data. */
export interface Region {
  offset: number;
  length: number;
}

/** One entry of an archive, as its headers tell. */
export interface TarEntry {
  /** Host path without leading slash, and without the slash that ends a directory's name. */
  path: BytePath;
  type: "file" | "directory" | "symlink" | "hardlink" | "fifo";
  mode: number;
  uid: number;
  gid: number;
  mtime: { seconds: number; nanoseconds: number };
  /** A symbolic link's target as it was, or a hard link's first name as a path of the archive; else empty. */
  link: BytePath;
  /** Size of the file's content, holes included. */
  size: number;
  xattrs: Map<BytePath, Buffer>;
  /** Where a sparse file holds data, in order; null for a file without holes. */
  regions: Region[] | null;
}
