import { buffer } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { z } from "zod";
import type { Ask } from "./ask.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { createOptions } from "./create-options.ts";
import { plainOutput } from "./plain-output.ts";
import { unlessDone } from "./unless-done.ts";

/** Making containers and taking them away, and what they print. */
export interface ContainerLife {
  /** Makes a container, puts it on its networks, and gives its id. It is not started. */
  createContainer(name: string, spec: ContainerSpec): Promise<string>;
  /** Removes a container, whatever its state, with its anonymous volumes. One that is gone is no failure. */
  removeContainer(id: string): Promise<void>;
  /** The last lines that a container printed, on both of its outputs or only on one; of those, the last `bytes`. */
  logs(id: string, limits: { lines: number; bytes: number; only?: "stdout" }): Promise<string>;
  /** Ids of the containers, running or not, that have this label: `key` or `key=value`. */
  containersWith(label: string): Promise<string[]>;
}

const listAnswer = z.array(z.looseObject({ Id: z.string() }));
/** Removing kills first, and a big writable layer takes its time. */
const removeMs = 120_000;

export function createContainerLife(ask: Ask): ContainerLife {
  const removeContainer = async (id: string): Promise<void> => {
    const call = async (client: Dockerode, abortSignal: AbortSignal) =>
      client.getContainer(id).remove({ force: true, v: true, abortSignal });
    // 409: somebody else removes it already.
    await ask(`remove ${id}`, call, { limitMs: removeMs }).catch(unlessDone(404, 409));
  };
  return {
    async createContainer(name, { body, connect }) {
      const made = await ask(`create the container ${name}`, async (client, abortSignal) =>
        client.createContainer(createOptions({ query: { name }, body, abortSignal })),
      );
      try {
        for (const { network, settings } of connect)
          await ask(`connect ${name} to the network ${network}`, async (client) =>
            client.getNetwork(network).connect({ Container: made.id, EndpointConfig: settings }),
          );
      } catch (error) {
        await removeContainer(made.id).catch(() => undefined);
        throw error;
      }
      return made.id;
    },
    removeContainer,
    async logs(id, { lines, bytes, only }) {
      // The engine cuts long lines at 16 KiB, so that a number of lines is a bound on bytes too.
      const printed = await ask(`read the log of ${id}`, async (client, abortSignal) =>
        buffer(await openLogs(client, id, { tail: lines, stderr: only === undefined, abortSignal })),
      );
      return plainOutput(printed).subarray(-bytes).toString("utf8");
    },
    async containersWith(label) {
      const call = async (client: Dockerode, abortSignal: AbortSignal) =>
        client.listContainers({ all: true, filters: { label: [label] }, abortSignal });
      return listAnswer.parse(await ask("list containers", call)).map((one) => one.Id);
    },
  };
}

/** As a stream, since the client takes a whole answer apart as JSON where it can, and a container may print that. */
async function openLogs(
  client: Dockerode,
  id: string,
  { abortSignal, ...wanted }: { tail: number; stderr: boolean; abortSignal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  return new Promise((resolve, reject) => {
    client.modem.dial(
      {
        path: `/containers/${id}/logs?`,
        method: "GET",
        options: { stdout: true, ...wanted },
        isStream: true,
        abortSignal,
        statusCodes: { 200: true, 404: "no such container", 500: "server error" },
      },
      (error: unknown, answer: unknown) => {
        if (error) reject(error);
        else resolve(z.custom<AsyncIterable<Uint8Array>>().parse(answer));
      },
    );
  });
}
