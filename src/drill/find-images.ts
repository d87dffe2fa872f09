import { z } from "zod";
import type { Manifest } from "../contract/manifest.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { Failure } from "../failure/failure.ts";
import { nameOf } from "./drill-order.ts";

/** An image that is on this host. */
export interface DrillImage {
  id: string;
  /** The environment that it brings along. */
  environment: string[];
}

const imageConfig = z.looseObject({ Env: z.array(z.string()).nullish() }).nullish();

/**
 * The image of each container, the very one that it had, by the container's id. Nothing is pulled: an image that is gone is a
 * Failure of kind `missing` that says how to get it.
 */
export async function findImages(
  docker: Docker,
  documents: readonly ContainerInspect[],
  { containers }: Pick<Manifest, "containers">,
): Promise<Map<string, DrillImage>> {
  const images = new Map<string, DrillImage>();
  for (const document of documents) {
    const name = nameOf(document);
    const digest = containers.find((one) => one.name === name)?.imageDigest ?? document.Image;
    const found = (await docker.findImage(document.Image)) ?? (await docker.findImage(digest));
    if (found === null) throw gone(name, document, digest);
    images.set(document.Id, { id: found.Id, environment: imageConfig.parse(found.Config)?.Env ?? [] });
  }
  return images;
}

function gone(name: string, { Config, Image }: ContainerInspect, digest: string): Failure {
  const image = Config.Image ?? Image;
  const known = digest.includes("@");
  return new Failure("missing", `the image of ${name} is gone: ${image} (${known ? digest : Image})`, {
    hint: known
      ? `a real recovery would lack it as well; get it again with \`docker pull ${digest}\``
      : "a real recovery would lack it as well; it came from no registry, so keep a copy: `docker save`, or what it is built from",
  });
}
