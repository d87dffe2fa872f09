import { z } from "zod";
import { Failure } from "../failure/failure.ts";
import type { Ask } from "./ask.ts";
import { createOptions } from "./create-options.ts";
import { unlessDone } from "./unless-done.ts";

/** What the engine says of a volume; fields that Davit does not read are kept as they came. */
export const volumeInspect = z.looseObject({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  CreatedAt: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
});
export type VolumeInspect = z.infer<typeof volumeInspect>;

const engineInfo = z.looseObject({ DockerRootDir: z.string() });

/** Named volumes. */
export interface Volumes {
  /** A volume by name; null where there is none. */
  findVolume(name: string): Promise<VolumeInspect | null>;
  /** Makes a volume with the driver, options and labels of that one. One of the name that is there already is left as it is. */
  createVolume(like: Pick<VolumeInspect, "Name" | "Driver" | "Labels" | "Options">): Promise<VolumeInspect>;
  /** The folder of the host that holds the volumes of the driver `local`. */
  volumesFolder(): Promise<string>;
  /** Removes a volume with its data. One that is gone is no failure. */
  removeVolume(name: string): Promise<void>;
}

export function createVolumes(ask: Ask): Volumes {
  return {
    async findVolume(name) {
      try {
        const answer = await ask(`inspect the volume ${name}`, async (client) => client.getVolume(name).inspect());
        return volumeInspect.parse(answer);
      } catch (error) {
        if (error instanceof Failure && error.kind === "missing") return null;
        throw error;
      }
    },
    async createVolume({ Name, Driver, Labels, Options }) {
      const body = { Name, Driver, Labels: Labels ?? {}, DriverOpts: Options ?? undefined };
      await ask(`create the volume ${Name}`, async (client, abortSignal) =>
        client.createVolume(createOptions({ query: {}, body, abortSignal })),
      );
      return volumeInspect.parse(
        await ask(`inspect the volume ${Name}`, async (client) => client.getVolume(Name).inspect()),
      );
    },
    async volumesFolder() {
      const { DockerRootDir } = engineInfo.parse(
        await ask("ask for the engine's folder", async (client) => client.info()),
      );
      return `${DockerRootDir}/volumes`;
    },
    async removeVolume(name) {
      await ask(`remove the volume ${name}`, async (client) => client.getVolume(name).remove()).catch(unlessDone(404));
    },
  };
}
