/** Columns of numbers, a row a node: a path of an index, or a directory above one. Row 0 is what stands above all paths. */
export interface Columns {
  parent: Uint32Array<ArrayBuffer>;
  /** Where the node's name ends in `names`; it begins where that of the node before ends. */
  nameEnd: Uint32Array<ArrayBuffer>;
  /** Where the node's folded name ends in `folded`; a slash stands before each. */
  foldedEnd: Uint32Array<ArrayBuffer>;
  /** A place in `entryTypes`. */
  type: Uint8Array<ArrayBuffer>;
  /** Of a directory, that of all files below it. */
  size: Float64Array<ArrayBuffer>;
  /** Of a directory, how many entries are below it. */
  below: Uint32Array<ArrayBuffer>;
  mode: Uint16Array<ArrayBuffer>;
  uid: Uint32Array<ArrayBuffer>;
  gid: Uint32Array<ArrayBuffer>;
  /** Seconds of the time before its point, with its sign also where that is -0, and the nanoseconds after it. */
  seconds: Float64Array<ArrayBuffer>;
  nanoseconds: Uint32Array<ArrayBuffer>;
  /** Where a link's target ends in `links`; 0 for what is no link. */
  linkEnd: Uint32Array<ArrayBuffer>;
  linkLength: Uint16Array<ArrayBuffer>;
  /** Where the entry lies in the archive, and which line of the index it is; `unlisted` for a directory that none names. */
  member: Float64Array<ArrayBuffer>;
  offset: Uint32Array<ArrayBuffer>;
  ordinal: Uint32Array<ArrayBuffer>;
  /** SHA-256 of a file's content, eight words a node; of a hard link that of the file it names. */
  sha256: Uint32Array<ArrayBuffer>;
}

/** The types by their numbers. */
export const entryTypes = ["directory", "file", "symlink", "hardlink", "fifo"] as const;
export const directory = 0;
export const file = 1;
export const hardlink = 3;

/** The `ordinal` of a directory that has no line of its own. */
export const unlisted = 0xffff_ffff;
export const shaWords = 8;

/** Columns for so many nodes, with the rows of others at their start. */
export function makeColumns(capacity: number, old?: Columns): Columns {
  const made: Columns = {
    parent: new Uint32Array(capacity),
    nameEnd: new Uint32Array(capacity),
    foldedEnd: new Uint32Array(capacity),
    type: new Uint8Array(capacity),
    size: new Float64Array(capacity),
    below: new Uint32Array(capacity),
    mode: new Uint16Array(capacity),
    uid: new Uint32Array(capacity),
    gid: new Uint32Array(capacity),
    seconds: new Float64Array(capacity),
    nanoseconds: new Uint32Array(capacity),
    linkEnd: new Uint32Array(capacity),
    linkLength: new Uint16Array(capacity),
    member: new Float64Array(capacity),
    offset: new Uint32Array(capacity),
    ordinal: new Uint32Array(capacity),
    sha256: new Uint32Array(capacity * shaWords),
  };
  if (old !== undefined) for (const [key, column] of columnsOf(made)) column.set(fitting(old[key], column.length));
  return made;
}

/** The first rows of columns, in the same memory unless most of that would be of no use. */
export function firstRows(columns: Columns, count: number): Columns {
  if (columns.parent.length > count * 1.1) return makeColumns(count, columns);
  const views = columnsOf(columns).map(([key, column]) => [
    key,
    column.subarray(0, key === "sha256" ? count * shaWords : count),
  ]);
  // All of them again, which the type of fromEntries does not say.
  return Object.fromEntries(views) as Columns;
}

/** The memory that columns take, in bytes. */
export function bytesOf(columns: Columns): number {
  return columnsOf(columns).reduce((sum, [, column]) => sum + column.byteLength, 0);
}

type Column = Columns[keyof Columns];

function columnsOf(columns: Columns): [keyof Columns, Column][] {
  const { parent, nameEnd, foldedEnd, type, size, below, mode, uid, gid } = columns;
  const { seconds, nanoseconds, linkEnd, linkLength, member, offset, ordinal, sha256 } = columns;
  const all = { parent, nameEnd, foldedEnd, type, size, below, mode, uid, gid };
  const more = { seconds, nanoseconds, linkEnd, linkLength, member, offset, ordinal, sha256 };
  // The entries of an object with just these keys, which its type does not say.
  return Object.entries({ ...all, ...more }) as [keyof Columns, Column][];
}

function fitting(column: Column, length: number): Column {
  return column.length <= length ? column : column.subarray(0, length);
}
