import * as api from "./api.ts";
import { type ApiRoute, shown } from "./api-route.ts";
import * as browse from "./browse.ts";

const backupPath = "/api/v1/backups/:module/:time";

/** The routes that look into a backup. */
export const browseRoutes = {
  browseFolder: {
    ...shown,
    path: `${backupPath}/tree`,
    summary: "What lies in a folder of a backup, page by page",
    params: api.backupParams,
    query: browse.treeQuery,
    answer: browse.folderPage,
  },
  searchBackup: {
    ...shown,
    path: `${backupPath}/search`,
    summary: "Entries of a backup by a part of their name or path, best first",
    params: api.backupParams,
    query: browse.searchQuery,
    answer: browse.searchPage,
  },
  compareBackups: {
    ...shown,
    path: `${backupPath}/compare`,
    summary: "What was added, changed and removed since another backup of the module",
    params: api.backupParams,
    query: browse.compareQuery,
    answer: browse.comparePage,
  },
  previewFile: {
    ...shown,
    path: `${backupPath}/preview`,
    summary: "The beginning of a text, or an image, of a backup",
    params: api.backupParams,
    query: api.fileQuery,
    answer: browse.preview,
  },
  downloadFolder: {
    ...shown,
    path: `${backupPath}/archive`,
    summary: "A folder of a backup as a .tar.gz",
    params: api.backupParams,
    query: api.fileQuery,
    streams: ["application/gzip"],
  },
} as const satisfies Record<string, ApiRoute>;
