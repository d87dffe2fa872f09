import { createInterface } from "node:readline";
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
  /** Fetches an image, `name@sha256:…`, from its registry. */
  pullImage(reference: string, signal: AbortSignal): Promise<void>;
}

const imagesAnswer = z.array(z.looseObject({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() }));

const imageInspect = z.looseObject({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Config: z.looseObject({}).nullish(),
});
type ImageInspect = z.infer<typeof imageInspect>;

const pullLine = z.looseObject({ error: z.string().nullish() });
/** Images are large, and lines are slow. */
const pullMs = 3_600_000;

export function createImages(ask: Ask): Images {
  return {
    async imageDigests() {
      const call = async (client: Dockerode, abortSignal: AbortSignal) => client.listImages({ all: true, abortSignal });
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
        const answer = await ask(`inspect the image ${reference}`, async (client) =>
          client.getImage(reference).inspect(),
        );
        return imageInspect.parse(answer);
      } catch (error) {
        if (error instanceof Failure && error.kind === "missing") return null;
        throw error;
      }
    },
    async pullImage(reference, signal) {
      await ask(
        `pull the image ${reference}`,
        async (client, abortSignal) => {
          const answer: NodeJS.ReadableStream = await client.pull(reference, { abortSignal });
          for await (const line of createInterface({ input: answer, crlfDelay: Infinity })) {
            const { error } = line.trim() === "" ? {} : pullLine.parse(JSON.parse(line));
            if (error) throw new Failure("failed", `could not pull the image ${reference}: ${error}`);
          }
        },
        { limitMs: pullMs, signal },
      );
    },
  };
}
