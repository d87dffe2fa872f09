import { z } from "zod";
import { agentRoutes } from "./agent-routes.ts";
import * as api from "./api.ts";
import { backupSummary } from "./manifest.ts";

/** One route of the HTTP API, as the server checks it and as docs/api.json describes it. */
export interface ApiRoute {
  readonly method: "get" | "post" | "delete";
  readonly path: `/${string}`;
  readonly summary: string;
  /** `open`: for anybody; `signed-in`: session or API token; `session`: only somebody who signed in with the password. */
  readonly access: "open" | "signed-in" | "session";
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202 | 204;
  /** Another status that the same answer can come with. */
  readonly otherStatus?: number;
  /** The answer's JSON; absent for an answer without a body. */
  readonly answer?: z.ZodType;
  /** Media types that the same route can answer with instead of JSON. */
  readonly streams?: readonly string[];
}

const backupPath = "/api/v1/backups/:module/:time";
const signedIn = { access: "signed-in" } as const;
const started = { ...signedIn, method: "post", status: 202, answer: api.startedRun } as const;
const shown = { ...signedIn, method: "get", status: 200 } as const;

/** Every route under /api/v1, and the two that tell an orchestrator how Davit is. Routes that change state are never GET. */
export const apiRoutes = {
  signIn: {
    method: "post",
    path: "/api/v1/session",
    summary: "Sign in with the password; sets the session cookie",
    access: "open",
    body: api.signInBody,
    status: 200,
    answer: api.sessionView,
  },
  showSession: { ...shown, path: "/api/v1/session", summary: "Who is asking", answer: api.sessionView },
  signOut: { ...signedIn, method: "delete", path: "/api/v1/session", summary: "Sign out", status: 204 },
  listTokens: {
    ...shown,
    access: "session",
    path: "/api/v1/tokens",
    summary: "The API tokens, without their secrets",
    answer: api.tokenList,
  },
  createToken: {
    method: "post",
    path: "/api/v1/tokens",
    summary: "Make an API token; it is shown this once",
    access: "session",
    body: api.tokenBody,
    status: 201,
    answer: api.newToken,
  },
  revokeToken: {
    method: "delete",
    path: "/api/v1/tokens/:token",
    summary: "Revoke an API token",
    access: "session",
    params: api.tokenParams,
    status: 204,
  },
  listModules: { ...shown, path: "/api/v1/modules", summary: "Modules on this host", answer: api.moduleList },
  showModule: {
    ...shown,
    path: "/api/v1/modules/:module",
    summary: "One module",
    params: api.moduleParams,
    answer: api.moduleView,
  },
  startBackup: {
    ...started,
    path: "/api/v1/modules/:module/backup",
    summary: "Back a module up now",
    params: api.moduleParams,
  },
  startUndo: {
    ...started,
    path: "/api/v1/modules/:module/undo",
    summary: "Put back the data that the last restore in place renamed aside",
    params: api.moduleParams,
  },
  prune: {
    ...signedIn,
    method: "post",
    path: "/api/v1/modules/:module/prune",
    summary: "Remove the backups that the module's rotation no longer keeps; each with the reason",
    params: api.moduleParams,
    body: api.pruneBody,
    status: 200,
    answer: api.pruneReport,
  },
  acknowledge: {
    ...signedIn,
    method: "post",
    path: "/api/v1/modules/:module/ack",
    summary: "Answer what seemed a loss of data, so that rotation removes older backups again",
    params: api.moduleParams,
    body: api.answerBody,
    status: 200,
    answer: api.answerReport,
  },
  listBackups: {
    ...shown,
    path: "/api/v1/backups",
    summary: "Backups in the vault, newest first",
    query: api.backupQuery,
    answer: api.backupList,
  },
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
    ...signedIn,
    method: "post",
    path: `${backupPath}/restore/preview`,
    summary: "What such a restore would do; changes nothing",
    params: api.backupParams,
    body: api.restoreBody,
    status: 200,
    answer: api.restorePreview,
  },
  startRecreate: {
    ...started,
    path: `${backupPath}/recreate`,
    summary: "Make the whole module anew on a host that has nothing of it: networks, volumes, data, containers",
    params: api.backupParams,
  },
  previewRecreate: {
    ...signedIn,
    method: "post",
    path: `${backupPath}/recreate/preview`,
    summary: "What that would make, and what is in the way; changes nothing",
    params: api.backupParams,
    status: 200,
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
    ...signedIn,
    method: "post",
    path: `${backupPath}/dumps/load/preview`,
    summary: "What such a load would do; changes nothing",
    params: api.backupParams,
    body: api.dumpBody,
    status: 200,
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
  ...agentRoutes,
  listRuns: { ...shown, path: "/api/v1/runs", summary: "Runs, newest first", query: api.runQuery, answer: api.runList },
  followRun: {
    ...shown,
    path: "/api/v1/runs/:run/events",
    summary: "A run's events: by long-poll as JSON, live as server-sent events (`Last-Event-ID` is honoured)",
    params: api.runParams,
    query: api.eventQuery,
    answer: api.eventList,
    streams: ["text/event-stream"],
  },
  cancelRun: {
    ...signedIn,
    method: "post",
    path: "/api/v1/runs/:run/cancel",
    summary: "Ask a run to stop; its events say when it has",
    params: api.runParams,
    status: 202,
    answer: api.startedRun,
  },
  showConfig: {
    ...shown,
    path: "/api/v1/config",
    summary: "The effective configuration, without secrets",
    answer: z.record(z.string(), z.unknown()),
  },
  doctor: {
    ...shown,
    path: "/api/v1/doctor",
    summary: "What is wrong with this host's set-up",
    answer: api.doctorReport,
  },
  health: {
    ...shown,
    access: "open",
    path: "/healthz",
    summary: "Whether the program runs",
    answer: z.strictObject({ ok: z.literal(true) }),
  },
  ready: {
    ...shown,
    access: "open",
    path: "/readyz",
    summary: "Whether Davit can do its work; 503 with the reasons where it can't",
    otherStatus: 503,
    answer: api.readiness,
  },
} as const satisfies Record<string, ApiRoute>;
