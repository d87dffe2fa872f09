/** A path in a backup; `path64` is there for one that is not UTF-8, and goes before `path`. */
export interface EntryPath {
  path: string;
  path64?: string | undefined;
}

/** What names the path in a request's query. */
export function pathQuery({ path, path64 }: EntryPath): string {
  return path64 === undefined ? `path=${encodeURIComponent(path)}` : `path64=${encodeURIComponent(path64)}`;
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
