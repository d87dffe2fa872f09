import { z } from "zod";
import * as api from "../contract/api.ts";
import type { ApiRoute } from "../contract/api-route.ts";
import { apiRoutes } from "../contract/api-routes.ts";
import { anomaly, backupSummary, evidence, indexEntry, manifest } from "../contract/manifest.ts";
import { machineStatus, pointManifest, pointSummary } from "../contract/machine.ts";
import { module } from "../contract/module.ts";
import { progress, runEvent, runSummary } from "../contract/run-event.ts";

type Json = Record<string, unknown>;

const named = {
  Error: api.apiError,
  Module: module,
  ModuleView: api.moduleView,
  BackupRow: api.backupRow,
  BackupSummary: backupSummary,
  Manifest: manifest,
  Evidence: evidence,
  Anomaly: anomaly,
  IndexEntry: indexEntry,
  RunSummary: runSummary,
  RunEvent: runEvent,
  Progress: progress,
  RestorePreview: api.restorePreview,
  PruneDecision: api.pruneDecision,
  DoctorCheck: api.doctorCheck,
  Token: api.tokenView,
  MachineStatus: machineStatus,
  PointSummary: pointSummary,
  PointManifest: pointManifest,
};

/** The OpenAPI 3.1 description of the API, made from the contract that the server checks requests by. */
export function openApiDocument(version: string): Json {
  const routes: [string, ApiRoute][] = Object.entries(apiRoutes);
  const paths: Record<string, Json> = {};
  for (const [name, route] of routes) {
    const path = route.path.replace(/:(\w+)/gu, "{$1}");
    paths[path] = { ...paths[path], [route.method]: describe(name, route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Davit", version, description: "Backs up Docker hosts and proves that the backups restore." },
    paths,
    components: {
      schemas: schemas(routes),
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "davit_session" },
        token: { type: "http", scheme: "bearer" },
      },
    },
  };
}

function describe(name: string, route: ApiRoute): Json {
  const signedIn = route.access === "session" ? [{ session: [] }] : [{ session: [] }, { token: [] }];
  const parameters = [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")];
  if (route.method !== "get" && route.access !== "open") parameters.push(csrfHeader);
  return {
    operationId: name,
    summary: route.summary,
    security: route.access === "open" ? [] : signedIn,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: jsonContent(inputSchema(route.body)) } }),
    responses: {
      [route.status]: { description: "Done", ...contentOf(name, route) },
      ...(route.otherStatus === undefined
        ? {}
        : { [route.otherStatus]: { description: "Not now", ...contentOf(name, route) } }),
      default: { description: "What went wrong", content: jsonContent(reference("Error")) },
    },
  };
}

const csrfHeader = {
  name: "X-Davit-CSRF",
  in: "header",
  required: false,
  description: "The session's csrf value; needed with the session cookie, not with an API token",
  schema: { type: "string" },
};

function contentOf(name: string, route: ApiRoute): Json {
  const streams = (route.streams ?? []).map((type) => [type, { schema: { type: "string" } }] as const);
  if (route.answer === undefined && streams.length === 0) return {};
  const json = route.answer === undefined ? {} : jsonContent(reference(answerName(name)));
  return { content: { ...json, ...Object.fromEntries(streams) } };
}

const objectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())),
  required: z.array(z.string()).default([]),
});

function parametersOf(schema: z.ZodType | undefined, where: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = objectSchema.parse(inputSchema(schema));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
  }));
}

function inputSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

function schemas(routes: [string, ApiRoute][]): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const known = new Map<z.ZodType, string>(Object.entries(named).map(([id, schema]) => [schema, id]));
  const again: Json = {};
  for (const [name, { answer }] of routes) {
    if (answer === undefined) continue;
    const id = known.get(answer);
    if (id === undefined) {
      known.set(answer, answerName(name));
      registry.add(answer, { id: answerName(name) });
    } else again[answerName(name)] = reference(id);
  }
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` }).schemas;
  const bare = Object.entries(made).map(([id, { $schema: _schema, $id: _id, ...rest }]) => [id, rest] as const);
  return { ...Object.fromEntries(bare), ...again };
}

function answerName(route: string): string {
  return `${route.charAt(0).toUpperCase()}${route.slice(1)}Answer`;
}

function reference(id: string): Json {
  return { $ref: `#/components/schemas/${id}` };
}

function jsonContent(schema: Json): Json {
  return { "application/json": { schema } };
}
