import type Dockerode from "dockerode";
import { z } from "zod";
import { Failure } from "../failure/failure.ts";
import type { Ask } from "./ask.ts";

/** Images. */
export interface Images {
  /** The repository digest (`name@sha256:…`) of each image that has one, by the image's id. */
  imageDigests(): Promise<ReadonlyMap<string, string>>;
  /** An image by id, by `name:tag` or by `name@sha256:…`; null where the engine has none. */
  findImage(reference: string): Promise<ImageInspect | null>;
}

const imagesAnswer = z.array(z.looseObject({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() }));

const imageInspect = z.looseObject({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Config: z.looseObject({}).nullish(),
});
export type ImageInspect = z.infer<typeof imageInspect>;

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
    async findImage(reference) {
      try {
        const answer = await ask(`inspect the image ${reference}`, async () => client.getImage(reference).inspect());
        return imageInspect.parse(answer);
      } catch (error) {
        if (error instanceof Failure && error.kind === "missing") return null;
        throw error;
      }
    },
  };
}
