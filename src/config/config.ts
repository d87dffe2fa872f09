import { z } from "zod";

/** Davit's effective configuration: environment over `davit.yaml` over defaults. Labels override it for one module. */
export const config = z.strictObject({
  /** Folder of sealed backups, absolute. */
  vault: z.string(),
  /** Folder of runs, ledger, locks, tokens, host id, absolute. */
  state: z.string(),
  /** Folder for short-lived files, absolute. */
  scratch: z.string(),
  /** Absolute host paths under which bind mounts are sources. */
  roots: z.array(z.string()).min(1),
  /** A unix socket beside that, for whoever may open it: Docker Desktop. */
  socket: z.string().nullable(),
  /** Origins that may show the panel in a frame. */
  frameAncestors: z.array(z.string()),
  /** Where Portainer shows this engine. */
  portainer: z.strictObject({ url: z.string(), environment: z.int().min(1) }).nullable(),
  /** Whether a Portainer administrator's access token opens the panel as well. */
  portainerSignIn: z.boolean(),
  listen: z.strictObject({ host: z.string(), port: z.int().min(0).max(65_535) }),
  /** How many runs may go on together. */
  parallel: z.int().min(1),
  /** `unix:///var/run/docker.sock` or `tcp://host:port` (a socket proxy as well). */
  dockerHost: z.string(),
  timezone: z.string(),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
  /** The panel's first password; null where none is configured. Never printed. */
  password: z.string().nullable(),
  /** Whether containers.json keeps environment values. */
  keepEnvironment: z.boolean(),
  /** Days after which a backup is verified again; 0 for never. */
  verifyDays: z.number().min(0),
  /** Bytes a second that a scheduled verification reads at most; 0 for no limit. */
  verifyRate: z.int().min(0),
  /** How many runs of a module are remembered at least. */
  keepRuns: z.int().min(1),
  /** How people are told of problems; of each channel null where it is not set up. */
  notify: z.strictObject({
    when: z.enum(["problems", "all", "off"]),
    email: z
      .strictObject({
        /** `secure` is TLS from the first byte; else STARTTLS. The password is never printed. */
        server: z.strictObject({
          host: z.string(),
          port: z.int(),
          secure: z.boolean(),
          user: z.string().nullable(),
          password: z.string().nullable(),
        }),
        from: z.string(),
        to: z.array(z.string()).min(1),
      })
      .nullable(),
    /** The token is never printed. */
    telegram: z.strictObject({ token: z.string(), chat: z.string(), api: z.string() }).nullable(),
    /** An address that may have a secret in it: never printed. */
    webhook: z.string().nullable(),
  }),
  /** Where people find the panel; null where nobody said. */
  publicUrl: z.string().nullable(),
  /** Whether a reverse proxy stands before the API, whose X-Forwarded-* headers are believed. */
  trustProxy: z.boolean(),
  /** The agent on the physical host, as `davit agent pair` printed it there; null where none is paired. Its token is never printed. */
  agent: z.strictObject({ host: z.string(), port: z.int(), fingerprint: z.string(), token: z.string() }).nullable(),
  /** The modules that are held while the agent takes its point of this machine; `all` is each but those with hold mode `live`. */
  agentHold: z.array(z.string()),
  /** Whether each new backup is copied to the agent. */
  agentCopies: z.boolean(),
  /** The image of containers that do a part of Davit's work; null: the one that Davit itself runs from. */
  image: z.string().nullable(),
  /** Module settings from davit.yaml, by module name ("*" for all), as label name without `davit.` -> value. */
  modules: z.record(z.string(), z.record(z.string(), z.string())),
});
export type Config = z.infer<typeof config>;
