import type Dockerode from "dockerode";
import { z } from "zod";
import type { Ask } from "./ask.ts";
import { createOptions } from "./create-options.ts";
import { unlessDone } from "./unless-done.ts";

/** What the engine says of a network; fields that Davit does not read are kept as they came. */
export const networkInspect = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Internal: z.boolean().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Containers: z.record(z.string(), z.unknown()).nullish(),
});
export type NetworkInspect = z.infer<typeof networkInspect>;

/** Networks. */
export interface Networks {
  /** Makes a network and gives its id. `more` are further fields of `POST /networks/create` (Driver, IPAM, Options, …). */
  createNetwork(wish: {
    name: string;
    internal?: boolean;
    labels?: Readonly<Record<string, string>>;
    more?: Readonly<Record<string, unknown>>;
  }): Promise<string>;
  /** A network by id or name; a `missing` Failure where there is none. */
  inspectNetwork(id: string): Promise<NetworkInspect>;
  /** Ids of the networks that have this label: `key` or `key=value`. */
  networksWith(label: string): Promise<string[]>;
  /** Removes a network. One that is gone is no failure. */
  removeNetwork(id: string): Promise<void>;
  /** Puts a container on a network, with the settings of an endpoint (Aliases, IPAMConfig, …). */
  connectToNetwork(id: string, container: string, settings?: Readonly<Record<string, unknown>>): Promise<void>;
}

const listAnswer = z.array(z.looseObject({ Id: z.string() }));

export function createNetworks(ask: Ask): Networks {
  return {
    async createNetwork({ name, internal = false, labels = {}, more = {} }) {
      const body = { ...more, Name: name, Internal: internal, Labels: labels, CheckDuplicate: true };
      const made = await ask(`create the network ${name}`, async (client, abortSignal) =>
        client.createNetwork(createOptions({ query: {}, body, abortSignal })),
      );
      return made.id;
    },
    async inspectNetwork(id) {
      const call = async (client: Dockerode) => client.getNetwork(id).inspect();
      return networkInspect.parse(await ask(`inspect the network ${id}`, call));
    },
    async networksWith(label) {
      const call = async (client: Dockerode, abortSignal: AbortSignal) =>
        client.listNetworks({ filters: { label: [label] }, abortSignal });
      return listAnswer.parse(await ask("list networks", call)).map((one) => one.Id);
    },
    async removeNetwork(id) {
      await ask(`remove the network ${id}`, async (client) => client.getNetwork(id).remove()).catch(unlessDone(404));
    },
    async connectToNetwork(id, container, settings = {}) {
      await ask(`connect ${container} to the network ${id}`, async (client) =>
        client.getNetwork(id).connect({ Container: container, EndpointConfig: settings }),
      );
    },
  };
}
