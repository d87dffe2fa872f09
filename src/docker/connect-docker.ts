import type Dockerode from "dockerode";
import { z } from "zod";
import { createAsk } from "./ask.ts";
import { type ContainerLife, createContainerLife } from "./container-life.ts";
import { type Containers, createContainers } from "./containers.ts";
import { dockerAddress } from "./docker-address.ts";
import { dockerFailure } from "./docker-failure.ts";
import { createExecs, type Execs } from "./exec.ts";
import { followEvents, type DockerEvent } from "./follow-events.ts";
import { createImages, type Images } from "./images.ts";
import { createNetworks, type Networks } from "./networks.ts";
import { createVolumes, type Volumes } from "./volumes.ts";

/**
 * What Davit needs of a Docker engine, one file a subject. Every method throws a Failure: `unreachable`, `missing` (no such
 * container), or `failed`.
 */
export interface Docker extends Containers, ContainerLife, Execs, Images, Networks, Volumes {
  /** Answers when the engine does. */
  ping(): Promise<void>;
  version(): Promise<{ version: string; apiVersion: string }>;
  /** The containers' events until `signal` aborts; the connection is made again whenever it is lost. */
  events(signal: AbortSignal): AsyncIterable<DockerEvent>;
}

const versionAnswer = z.looseObject({ Version: z.string(), ApiVersion: z.string() });

/**
 * The engine at `dockerHost` (see `dockerAddress`). Nothing is sent before the first call, and each call has 30 s for its
 * answer (stop: 30 s more than its own time limit).
 */
export function connectDocker(dockerHost: string): Docker {
  const address = dockerAddress(dockerHost);
  let connected: Promise<Dockerode> | null = null;
  // The client takes 0.15 s of CPU time to load, and most verbs ask nothing of an engine.
  const connect = (): Promise<Dockerode> =>
    (connected ??= import("dockerode").then(({ default: Client }) => new Client(address)));
  const ask = createAsk(dockerHost, connect);
  return {
    ...createContainers(ask),
    ...createContainerLife(ask),
    ...createExecs(ask),
    ...createImages(ask),
    ...createNetworks(ask),
    ...createVolumes(ask),
    async ping() {
      await ask("ping", async (client) => client.ping());
    },
    async version() {
      const answer = versionAnswer.parse(await ask("version", async (client) => client.version()));
      return { version: answer.Version, apiVersion: answer.ApiVersion };
    },
    events(signal) {
      const open = async (since: number | undefined, abortSignal: AbortSignal) =>
        (await connect()).getEvents({
          ...(since === undefined ? {} : { since }),
          filters: { type: ["container"] },
          abortSignal,
        });
      return followEvents(open, (error) => dockerFailure(error, "follow events", dockerHost), signal);
    },
  };
}
