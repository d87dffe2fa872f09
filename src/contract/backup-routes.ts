import * as api from "./api.ts";
import { type ApiRoute, changed, shown, started } from "./api-route.ts";
import { backupSummary } from "./manifest.ts";

const backupPath = "/api/v1/backups/:module/:time";

/** The routes of one backup: what is in it, and what can be done with it. */
export const backupRoutes = {
  showBackup: {
    ...shown,
    path: backupPath,
    summary: "One backup with its manifest and evidence",
    params: api.backupParams,
    answer: backupSummary,
  },
  listFiles: {
    ...shown,
    path: `${backupPath}/files`,
    summary: "Entries of a backup's index; page by page as JSON, all at once as NDJSON",
    params: api.backupParams,
    query: api.filesQuery,
    answer: api.fileList,
    streams: ["application/x-ndjson"],
  },
  downloadFile: {
    ...shown,
    path: `${backupPath}/file`,
    summary: "The content of one file in a backup",
    params: api.backupParams,
    query: api.fileQuery,
    streams: ["application/octet-stream"],
  },
  startRestore: {
    ...started,
    path: `${backupPath}/restore`,
    summary: "Restore a backup, or parts of it, in place or below another folder",
    params: api.backupParams,
    body: api.restoreBody,
  },
  previewRestore: {
    ...changed,
    path: `${backupPath}/restore/preview`,
    summary: "What such a restore would do; changes nothing",
    params: api.backupParams,
    body: api.restoreBody,
    answer: api.restorePreview,
  },
  startRecreate: {
    ...started,
    path: `${backupPath}/recreate`,
    summary: "Make the whole module anew on a host that has nothing of it: networks, volumes, data, containers",
    params: api.backupParams,
  },
  previewRecreate: {
    ...changed,
    path: `${backupPath}/recreate/preview`,
    summary: "What that would make, and what is in the way; changes nothing",
    params: api.backupParams,
    answer: api.recreatePreview,
  },
  startDumpLoad: {
    ...started,
    path: `${backupPath}/dumps/load`,
    summary: "Load the backup's dumps into the databases that run; what these hold is replaced, and there is no undo",
    params: api.backupParams,
    body: api.dumpBody,
  },
  previewDumpLoad: {
    ...changed,
    path: `${backupPath}/dumps/load/preview`,
    summary: "What such a load would do; changes nothing",
    params: api.backupParams,
    body: api.dumpBody,
    answer: api.dumpPreview,
  },
  startVerify: {
    ...started,
    path: `${backupPath}/verify`,
    summary: "Read a backup again and compare every checksum",
    params: api.backupParams,
  },
  startDrill: {
    ...started,
    path: `${backupPath}/drill`,
    summary: "Restore a backup in isolation, start it, and ask whether it is well",
    params: api.backupParams,
  },
} as const satisfies Record<string, ApiRoute>;
