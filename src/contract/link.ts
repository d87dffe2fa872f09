import { z } from "zod";
import { backupTime, moduleName } from "./backup-id.ts";
import { machineJob, machineName, machineStatus } from "./machine.ts";
import { runEvent, runSummary } from "./run-event.ts";

/*
 * The link between a sidecar and the agent of its physical host: HTTPS, dialled by the sidecar. Whoever changes a shape here in
 * a way that the other end would not understand raises the version.
 */

/** The version that this Davit speaks. It stands in every path, `/link/v1/…`. */
export const linkVersion = 1;

/** Why an agent refuses a request. An answer that is no success holds one of these by name, in every version. */
const rejectionReason = z.enum([
  "agent-too-old", // the sidecar speaks a version that the agent does not know yet
  "sidecar-too-old", // or one that it does not know any more
  "not-paired", // the agent was never paired, or the pairing was revoked
  "wrong-token", // paired, but not with this one
  "too-many-tries", // wrong tokens came too often from there
  "replayed", // a request that changes something came twice
  "out-of-time", // or was made too long ago
  "bad-request", // a name, a path or a value that the contract does not allow
  "too-large",
  "unknown-route",
  "unknown-machine", // not in the agent's configuration, or not in the pairing
  "unknown-point",
  "unknown-run",
  "unknown-hold", // it is over: released, past its time, or of a stream that broke
  "busy",
  "no-copies", // the agent is not configured to take any
  "other-host", // the copies of that host belong to another pairing
  "already-there", // a copy is written once
  "damaged", // what arrived does not match its checksums
  "no-space",
  "failed",
]);
export type RejectionReason = z.infer<typeof rejectionReason>;

export const rejection = z.object({
  rejected: z.object({ reason: rejectionReason.catch("failed"), message: z.string(), hint: z.string().optional() }),
});

/** The most that a request may hold, in bytes, and the most of a file that one request brings. */
export const linkLimits = {
  json: 64 * 1024,
  piece: 32 * 1024 * 1024,
  /** Of one file of a copy. */
  file: 16 * 1024 ** 4,
  filesInCopy: 32,
  answer: 64 * 1024 * 1024,
} as const;

/** How far a request's time may be from the agent's clock. */
export const requestWindowMs = 120_000;

/** Between two beats of the event stream, each of which the sidecar answers with a `hello`; how long a silence is a broken stream. */
export const beatMs = 2000;
export const silenceMs = 7000;

const instant = z.iso.datetime();
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/u);

/** 256 random bits, base64url. */
const linkToken = z.string().regex(/^[\w-]{43}$/u);

/** What the sidecar has to know to dial an agent: where, which certificate, which token. */
export interface PairingLine {
  host: string;
  port: number;
  /** SHA-256 of the agent's certificate (DER), in hex. */
  fingerprint: string;
  token: string;
}

/** `davit-agent://192.168.122.1:8470/<fingerprint>#<token>`. */
export function formatPairingLine({ host, port, fingerprint, token }: PairingLine): string {
  return `davit-agent://${host.includes(":") ? `[${host}]` : host}:${port}/${fingerprint}#${token}`;
}

/** Takes such a line apart, also with the variable's name before it; null for anything else. */
export function parsePairingLine(line: string): PairingLine | null {
  const parts =
    /^(?:DAVIT_AGENT=)?davit-agent:\/\/(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})\/([^/#?]+)#(\S+)$/u.exec(
      line.trim(),
    );
  const fingerprint = sha256Hex.safeParse(parts?.[4]);
  const token = linkToken.safeParse(parts?.[5]);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host === undefined || !fingerprint.success || !token.success || port < 1 || port > 65_535) return null;
  return { host, port, fingerprint: fingerprint.data, token: token.data };
}

/** Who answers, and what this pairing is for. */
const linkHello = z.object({
  version: z.int(),
  davit: z.string(),
  host: z.object({ id: z.string(), name: z.string() }),
  /** The machine that the sidecar runs in; null where it runs in none of the agent's. */
  machine: machineName.nullable(),
  /** Whether sealed backups may be copied to the agent. */
  copies: z.boolean(),
  /** The agent's clock. Requests that change something bear a time by it. */
  time: instant,
});
export type LinkHello = z.infer<typeof linkHello>;

const holdId = z.uuid();

/** A line of the event stream, from the agent. */
export const linkEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), hello: linkHello }),
  z.object({ type: z.literal("beat"), time: instant }),
  /** Bring to rest what runs in the machine, and let it go at `until` at the latest, or once the stream breaks. */
  z.object({ type: z.literal("hold"), hold: holdId, machine: machineName, until: instant }),
  z.object({ type: z.literal("release"), hold: holdId }),
  /** Nothing more comes: another sidecar took the pairing's stream over, the token is no longer good, or the agent stops. */
  z.object({ type: z.literal("end"), why: z.enum(["replaced", "revoked", "stopping"]) }),
]);
export type LinkEvent = z.infer<typeof linkEvent>;

/** The sidecar's answer to a hold: held, with the modules, or not, with the reason. */
const holdAnswer = z.discriminatedUnion("held", [
  z.strictObject({ held: z.literal(true), modules: z.array(moduleName).max(1000) }),
  z.strictObject({
    held: z.literal(false),
    /** `busy`: a module was in a run of its own all the time. */
    why: z.enum(["busy", "failed"]),
    message: z.string().max(2000),
  }),
]);
export type HoldAnswer = z.infer<typeof holdAnswer>;

/** The sidecar's answer to a release: whether all was held from `held` on until then. */
const releaseAnswer = z.strictObject({ throughout: z.boolean(), message: z.string().max(2000).optional() });
export type ReleaseAnswer = z.infer<typeof releaseAnswer>;

/** A file of a sealed backup. No folder, no leading dot, nothing that a shell or a terminal takes for something else. */
export const copyFileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/u, "a file of a backup has letters, digits, dot, dash and underscore");

const copyParams = z.strictObject({ host: z.uuid(), module: moduleName, time: backupTime });
export type CopyId = z.infer<typeof copyParams>;

/** How far a copy has come: the bytes that are there, file by file. */
const copyState = z.object({ sealed: z.boolean(), files: z.record(copyFileName, z.int().min(0)) });
export type CopyState = z.infer<typeof copyState>;

/** A line of the answer to `seal`: every file is read again from the agent's disk, which may take its time. */
export const sealLine = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), bytes: z.int() }),
  z.object({ type: z.literal("sealed"), bytes: z.int() }),
  /** The files that did not match were dropped, and can be sent again. */
  rejection.shape.rejected.extend({ type: z.literal("rejected") }),
]);

const count = (fallback: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/u)
    .default(String(fallback))
    .transform(Number)
    .refine((value) => value <= most, `at most ${most}`);

const runName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/u, "that is no run's id");

/** One route of the link, as both ends know it. */
export interface LinkRoute {
  readonly method: "get" | "post" | "put";
  readonly path: `/link/v1/${string}`;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The answer's JSON; absent where it is a stream, a picture, or nothing. */
  readonly answer?: z.ZodType;
}

const machinePath = "/link/v1/machines/:machine";
const copyPath = "/link/v1/copies/:host/:module/:time";

/** All that the link can do. What is not here can't be done over it: no restore, no prune, nothing is deleted or replaced. */
export const linkRoutes = {
  hello: { method: "get", path: "/link/v1/hello", answer: linkHello },
  events: { method: "get", path: "/link/v1/events" },
  answerHold: {
    method: "post",
    path: "/link/v1/holds/:hold/held",
    params: z.strictObject({ hold: holdId }),
    body: holdAnswer,
  },
  answerRelease: {
    method: "post",
    path: "/link/v1/holds/:hold/released",
    params: z.strictObject({ hold: holdId }),
    body: releaseAnswer,
  },
  listMachines: { method: "get", path: "/link/v1/machines", answer: z.object({ machines: z.array(machineStatus) }) },
  startJob: {
    method: "post",
    path: `${machinePath}/jobs`,
    params: z.strictObject({ machine: machineName }),
    body: z.strictObject({ job: machineJob }),
    answer: z.object({ run: runName }),
  },
  listRuns: {
    method: "get",
    path: `${machinePath}/runs`,
    params: z.strictObject({ machine: machineName }),
    query: z.strictObject({ limit: count(20, 200) }),
    answer: z.object({ runs: z.array(runSummary) }),
  },
  readRun: {
    method: "get",
    path: `${machinePath}/runs/:run/events`,
    params: z.strictObject({ machine: machineName, run: runName }),
    /** Events numbered above `after`; where there are none, it waits so many seconds for some. */
    query: z.strictObject({ after: count(0, 999_999_999), wait: count(0, 30) }),
    answer: z.object({ events: z.array(runEvent), ended: z.boolean() }),
  },
  screenshot: {
    method: "get",
    path: `${machinePath}/points/:chain/:point/screenshot`,
    params: z.strictObject({ machine: machineName, chain: backupTime, point: backupTime }),
  },
  copyState: { method: "get", path: copyPath, params: copyParams, answer: copyState },
  /** A piece of a file, with `Content-Range: bytes FIRST-LAST/TOTAL`; it has to begin where the last one ended. */
  putPiece: { method: "put", path: `${copyPath}/:file`, params: copyParams.extend({ file: copyFileName }) },
  sealCopy: { method: "post", path: `${copyPath}/seal`, params: copyParams },
} as const satisfies Record<string, LinkRoute>;

/** Headers of every request that changes something: an id that is used once, and a time by the agent's clock. */
export const requestHeaders = { id: "davit-request", time: "davit-time" } as const;
