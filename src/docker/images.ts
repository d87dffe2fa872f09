import type Dockerode from "dockerode";
import { z } from "zod";
import type { Ask } from "./ask.ts";

/** Images. */
export interface Images {
  /** The repository digest (`name@sha256:…`) of each image that has one, by the image's id. */
  imageDigests(): Promise<ReadonlyMap<string, string>>;
}

const imagesAnswer = z.array(z.looseObject({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() }));

export function createImages(client: Dockerode, ask: Ask): Images {
  return {
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
  };
}
