import { z } from "zod";
import * as api from "./api.ts";
import { agentRoutes } from "./agent-routes.ts";
import { type ApiRoute, changed, shown, started } from "./api-route.ts";
import { backupRoutes } from "./backup-routes.ts";
import { browseRoutes } from "./browse-routes.ts";
import { notificationRoutes } from "./notification-routes.ts";
import { overview } from "./overview.ts";
import { widget } from "./widget.ts";

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
  signOut: { ...shown, method: "delete", path: "/api/v1/session", summary: "Sign out", status: 204 },
  changePassword: {
    method: "post",
    path: "/api/v1/password",
    summary: "Change the panel's password; everybody else is signed out",
    access: "session",
    body: api.passwordBody,
    status: 204,
  },
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
  overview: {
    ...shown,
    path: "/api/v1/overview",
    summary: "Every module with its ladder of proof, and what is not backed up",
    answer: overview,
  },
  widget: {
    ...shown,
    path: "/api/v1/widget",
    summary: "How safe everything is in a few flat fields, for a tile of a dashboard",
    answer: widget,
  },
  metrics: {
    ...shown,
    path: "/metrics",
    summary: "Figures of each module, of runs and vault, in the text format of Prometheus",
    streams: ["text/plain"],
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
    ...changed,
    path: "/api/v1/modules/:module/prune",
    summary: "Remove the backups that the module's rotation no longer keeps; each with the reason",
    params: api.moduleParams,
    body: api.pruneBody,
    status: 200,
    answer: api.pruneReport,
  },
  acknowledge: {
    ...changed,
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
  ...backupRoutes,
  ...agentRoutes,
  ...browseRoutes,
  ...notificationRoutes,
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
    ...changed,
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
