import { browseFolder, compareBackups, searchBackup } from "../flow/browse.ts";
import type { Davit } from "../flow/davit.ts";
import { downloadFolder } from "../flow/download-folder.ts";
import { previewFile } from "../flow/preview-file.ts";
import type { BrowseOperations } from "./operations.ts";

/** What the API can ask of what is in a backup, done by the flows. */
export function createBrowseOperations(davit: Davit): BrowseOperations {
  return {
    browseFolder: (id, path, page, signal) => browseFolder(davit, id, path, page, signal),
    search: (id, text, page, signal) => searchBackup(davit, id, text, page, signal),
    compare: (backups, page, signal) => compareBackups(davit, backups, page, signal),
    preview: (id, path, signal) => previewFile(davit, id, path, signal),
    downloadFolder: (id, path, signal) => downloadFolder(davit, id, path, signal),
  };
}
