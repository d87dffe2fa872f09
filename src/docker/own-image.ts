import { Failure } from "../failure/failure.ts";
import type { Docker } from "./connect-docker.ts";
import { ownContainer } from "./own-container.ts";

export interface OwnImage {
  /** What DAVIT_IMAGE says; null where it is not set. */
  image: string | null;
  version: string;
}

/**
 * The image that Davit itself runs from, for containers that do a part of its work: what is configured, else the image of the
 * container that this process runs in, else `davit:VERSION`. Throws `missing` where the engine has none of these.
 */
export async function ownImage(docker: Docker, { image, version }: OwnImage): Promise<string> {
  if (image !== null) {
    if ((await docker.findImage(image)) !== null) return image;
    throw new Failure("missing", `the engine has no image ${image}, which DAVIT_IMAGE names`, {
      hint: `\`docker pull ${image}\`, or correct DAVIT_IMAGE`,
    });
  }
  const own = await ownContainer(docker);
  if (own !== null) return own.Image;
  const usual = `davit:${version}`;
  if ((await docker.findImage(usual)) !== null) return usual;
  throw new Failure(
    "missing",
    `the engine has no image of Davit: Davit runs in none of its containers, and ${usual} is not there`,
    {
      hint: "build it (scripts/build-image), and name it in DAVIT_IMAGE",
    },
  );
}
