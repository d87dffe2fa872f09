import type Dockerode from "dockerode";
import { z } from "zod";
import { answerMs, type Ask } from "./ask.ts";
import { containerInspect, type ContainerInspect } from "./container-inspect.ts";
import { unlessDone } from "./unless-done.ts";

/** Containers: found, looked at, held and let go. */
export interface Containers {
  /** Ids of all containers, running or not. */
  listContainers(): Promise<string[]>;
  /** One container by id or name. */
  inspect(id: string): Promise<ContainerInspect>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** Stops a container, which is killed after that many seconds. One that is stopped already is no failure. */
  stop(id: string, timeoutSeconds: number): Promise<void>;
  /** Starts a container. One that runs already is no failure. */
  start(id: string): Promise<void>;
}

const listAnswer = z.array(z.looseObject({ Id: z.string() }));

export function createContainers(ask: Ask): Containers {
  return {
    async listContainers() {
      const call = async (client: Dockerode, abortSignal: AbortSignal) =>
        client.listContainers({ all: true, abortSignal });
      return listAnswer.parse(await ask("list containers", call)).map((one) => one.Id);
    },
    async inspect(id) {
      const call = async (client: Dockerode, abortSignal: AbortSignal) =>
        client.getContainer(id).inspect({ abortSignal });
      return containerInspect.parse(await ask(`inspect ${id}`, call));
    },
    async pause(id) {
      await ask(`pause ${id}`, async (client, abortSignal) => client.getContainer(id).pause({ abortSignal }));
    },
    async unpause(id) {
      await ask(`unpause ${id}`, async (client, abortSignal) => client.getContainer(id).unpause({ abortSignal }));
    },
    async stop(id, timeoutSeconds) {
      const call = async (client: Dockerode, abortSignal: AbortSignal) =>
        client.getContainer(id).stop({ t: timeoutSeconds, abortSignal });
      await ask(`stop ${id}`, call, { limitMs: timeoutSeconds * 1000 + answerMs }).catch(unlessDone(304));
    },
    async start(id) {
      await ask(`start ${id}`, async (client, abortSignal) => client.getContainer(id).start({ abortSignal })).catch(
        unlessDone(304),
      );
    },
  };
}
