import { once } from "node:events";
import Dockerode from "dockerode";
import { z } from "zod";
import { Failure } from "../failure/failure.ts";
import { containerInspect, type ContainerInspect } from "./container-inspect.ts";
import { dockerAddress } from "./docker-address.ts";
import { dockerFailure } from "./docker-failure.ts";
import { followEvents, type DockerEvent } from "./follow-events.ts";

/** What Davit needs of a Docker engine. Every method throws a Failure: `unreachable`, `missing` (no such container), or `failed`. */
export interface Docker {
  /** Answers when the engine does. */
  ping(): Promise<void>;
  version(): Promise<{ version: string; apiVersion: string }>;
  /** Ids of all containers, running or not. */
  listContainers(): Promise<string[]>;
  /** One container by id or name. */
  inspect(id: string): Promise<ContainerInspect>;
  /** The repository digest (`name@sha256:…`) of each image that has one, by the image's id. */
  imageDigests(): Promise<ReadonlyMap<string, string>>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** Stops a container, which is killed after that many seconds. One that is stopped already is no failure. */
  stop(id: string, timeoutSeconds: number): Promise<void>;
  /** Starts a container. One that runs already is no failure. */
  start(id: string): Promise<void>;
  /** The containers' events until `signal` aborts; the connection is made again whenever it is lost. */
  events(signal: AbortSignal): AsyncIterable<DockerEvent>;
}

const answerMs = 30_000;

const versionAnswer = z.looseObject({ Version: z.string(), ApiVersion: z.string() });
const listAnswer = z.array(z.looseObject({ Id: z.string() }));
const imagesAnswer = z.array(z.looseObject({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() }));

/**
 * The engine at `dockerHost` (see `dockerAddress`). Nothing is sent before the first call, and each call has 30 s for its
 * answer (stop: 30 s more than its own time limit).
 */
export function connectDocker(dockerHost: string): Docker {
  const client = new Dockerode(dockerAddress(dockerHost));

  async function ask<T>(what: string, call: (abortSignal: AbortSignal) => Promise<T>, limitMs = answerMs): Promise<T> {
    const abortSignal = AbortSignal.timeout(limitMs);
    try {
      return await Promise.race([call(abortSignal), whenAborted(abortSignal)]);
    } catch (error) {
      if (abortSignal.aborted)
        throw new Failure(
          "unreachable",
          `the Docker engine at ${dockerHost} did not answer within ${limitMs / 1000} s`,
          {
            hint: "see whether the engine is overloaded or hung: `docker info`",
            cause: error,
          },
        );
      throw dockerFailure(error, what, dockerHost);
    }
  }

  return {
    async ping() {
      await ask("ping", async () => client.ping());
    },
    async version() {
      const answer = versionAnswer.parse(await ask("version", async () => client.version()));
      return { version: answer.Version, apiVersion: answer.ApiVersion };
    },
    async listContainers() {
      const call = async (abortSignal: AbortSignal) => client.listContainers({ all: true, abortSignal });
      return listAnswer.parse(await ask("list containers", call)).map((one) => one.Id);
    },
    async inspect(id) {
      const call = async (abortSignal: AbortSignal) => client.getContainer(id).inspect({ abortSignal });
      return containerInspect.parse(await ask(`inspect ${id}`, call));
    },
    async imageDigests() {
      const call = async (abortSignal: AbortSignal) => client.listImages({ all: true, abortSignal });
      const images = imagesAnswer.parse(await ask("list images", call));
      return new Map(
        images.flatMap(({ Id, RepoDigests }) => {
          const digest = RepoDigests?.find((one) => !one.startsWith("<none>"));
          return digest === undefined ? [] : [[Id, digest] as const];
        }),
      );
    },
    async pause(id) {
      await ask(`pause ${id}`, async (abortSignal) => client.getContainer(id).pause({ abortSignal }));
    },
    async unpause(id) {
      await ask(`unpause ${id}`, async (abortSignal) => client.getContainer(id).unpause({ abortSignal }));
    },
    async stop(id, timeoutSeconds) {
      const call = async (abortSignal: AbortSignal) => client.getContainer(id).stop({ t: timeoutSeconds, abortSignal });
      await ask(`stop ${id}`, call, timeoutSeconds * 1000 + answerMs).catch(unlessDone);
    },
    async start(id) {
      await ask(`start ${id}`, async (abortSignal) => client.getContainer(id).start({ abortSignal })).catch(unlessDone);
    },
    events(signal) {
      const open = async (since: number | undefined, abortSignal: AbortSignal) =>
        client.getEvents({
          ...(since === undefined ? {} : { since }),
          filters: { type: ["container"] },
          abortSignal,
        });
      return followEvents(open, (error) => dockerFailure(error, "follow events", dockerHost), signal);
    },
  };
}

/** The client leaves a promise open for ever where the connection breaks in mid-answer, and some calls take no signal. */
async function whenAborted(signal: AbortSignal): Promise<never> {
  await once(signal, "abort");
  throw signal.reason;
}

/** 304 means that the container was in the wanted state already. */
function unlessDone(failure: unknown): void {
  const cause = failure instanceof Failure ? failure.cause : undefined;
  if (typeof cause === "object" && cause !== null && "statusCode" in cause && cause.statusCode === 304) return;
  throw failure;
}
