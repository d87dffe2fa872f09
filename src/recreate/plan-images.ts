import type { Manifest } from "../contract/manifest.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import type { PlannedImage, RecreatePlan } from "./recreate-plan.ts";

/**
 * The very image that each container had, by the container's id: found by its id or its digest, else to be pulled by its digest.
 * Those that can't be had are told in `missing`.
 */
export async function planImages(
  docker: Docker,
  documents: readonly ContainerInspect[],
  { containers }: Pick<Manifest, "containers">,
  missing: RecreatePlan["missing"],
): Promise<Map<string, PlannedImage>> {
  const images = new Map<string, PlannedImage>();
  const lacking = new Map<string, string[]>();
  for (const document of documents) {
    const container = document.Name.replace(/^\//u, "");
    const digest = containers.find((one) => one.name === container)?.imageDigest ?? document.Image;
    const image = await planImage(docker, document, digest);
    if (image !== null) images.set(document.Id, image);
    else {
      const name = `${document.Config.Image ?? ""} (${document.Image})`;
      lacking.set(name, [...(lacking.get(name) ?? []), container]);
    }
  }
  for (const [name, by] of lacking)
    missing.push({
      message: `the image ${name}, which ${by.join(", ")} had, is not on this host and came from no registry`,
      hint: "load it from a copy (`docker save` on the old host, `docker load` here), or build it again and use compose.yaml",
    });
  return images;
}

async function planImage(docker: Docker, document: ContainerInspect, digest: string): Promise<PlannedImage | null> {
  const name = document.Config.Image ?? document.Image;
  const found = (await docker.findImage(document.Image)) ?? (await docker.findImage(digest));
  if (found !== null) {
    // A copy that was loaded has no digest, and a name may mean a newer image by now.
    for (const reference of [name, digest])
      if ((await docker.findImage(reference))?.Id === found.Id) return { name, reference, pull: null };
    return { name, reference: found.Id, pull: null };
  }
  return digest.includes("@") ? { name, reference: digest, pull: digest } : null;
}
