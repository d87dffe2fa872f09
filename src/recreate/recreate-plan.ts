import type { ContainerInspect } from "../docker/container-inspect.ts";
import type { NetworkInspect } from "../docker/networks.ts";
import type { VolumeInspect } from "../docker/volumes.ts";

/** An image that a container needs. */
export interface PlannedImage {
  /** What the container called it. */
  name: string;
  /** What to create from once it is there: a name that means this very image, else its digest or id. */
  reference: string;
  /** What to pull, `name@sha256:…`; null where the image is there. */
  pull: string | null;
}

export interface PlannedNetwork {
  name: string;
  /** As it was; null where the backup has no document of it. */
  like: NetworkInspect | null;
  /** Whether one that is there serves. */
  isThere: boolean;
  /** Whether a container has a fixed address on it. */
  hasFixedAddress: boolean;
}

export interface PlannedVolume {
  like: Pick<VolumeInspect, "Name" | "Driver" | "Labels" | "Options">;
  /** The source that comes back into it; null where the backup holds none. */
  source: string | null;
}

export interface PlannedContainer {
  name: string;
  document: ContainerInspect;
  image: PlannedImage;
  /** Whether it ran at the backup. */
  starts: boolean;
  /** Whether it tells by itself that it is well. */
  hasHealthCheck: boolean;
}

/** What a recovery makes, in this order, and what keeps it from being done. */
export interface RecreatePlan {
  networks: PlannedNetwork[];
  volumes: PlannedVolume[];
  /** Host paths at which data comes in; none of them is there. */
  paths: string[];
  /** In waves: those of one wave need only those of the waves before it. */
  waves: PlannedContainer[][];
  /** What is there already, in words. */
  inTheWay: string[];
  /** What neither the backup nor this host has, in words, with what to do. */
  missing: { message: string; hint: string }[];
  warnings: { message: string; hint?: string }[];
}
