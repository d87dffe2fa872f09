import type { Source } from "../contract/module.ts";
import type { DrillSettings } from "../contract/settings.ts";
import type { RunReporter } from "../contract/run-event.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import type { DrillImage } from "./find-images.ts";

/** What a drill starts, where, and how it asks. */
export interface DrillOrder {
  docker: Docker;
  run: string;
  module: string;
  /** The containers as they were at the backup, in waves: those of one wave need only those of the waves before it. */
  waves: readonly (readonly ContainerInspect[])[];
  /** The image of each container, by the container's id in its document. */
  images: ReadonlyMap<string, DrillImage>;
  /** What the backup holds. */
  sources: readonly Source[];
  /** The folder in which the restored data lies by its host path, as Davit sees it, and as the engine does. */
  data: string;
  hostData: string;
  settings: DrillSettings;
  /** Davit's own image, which asks from inside a container's network; empty where `settings.check` needs none. */
  askingImage: string;
  reporter: RunReporter;
  signal: AbortSignal;
}

/** A container's name, without the slash that the engine puts before it. */
export function nameOf(document: Pick<ContainerInspect, "Name">): string {
  return document.Name.replace(/^\//u, "");
}
