import { z } from "zod";

const text = z.string().nullish();
const texts = z.array(z.string()).nullish();

const mount = z.looseObject({
  Type: z.string(),
  Name: text,
  Source: text,
  Destination: z.string(),
  Driver: text,
  RW: z.boolean().nullish(),
});
export type Mount = z.infer<typeof mount>;

/** A mount as it was asked for, where that was done in the long form. */
const mountWish = z.looseObject({
  Type: z.string(),
  Source: text,
  Target: z.string(),
  ReadOnly: z.boolean().nullish(),
  VolumeOptions: z.looseObject({ Subpath: text }).nullish(),
});
export type MountWish = z.infer<typeof mountWish>;

const endpoint = z.looseObject({
  Aliases: texts,
  Links: texts,
  NetworkID: text,
  IPAMConfig: z.record(z.string(), z.unknown()).nullish(),
  DriverOpts: z.record(z.string(), z.string()).nullish(),
});
export type Endpoint = z.infer<typeof endpoint>;

const portBinding = z.looseObject({ HostIp: text, HostPort: text });

/**
 * What the engine says of a container: the fields that Davit reads are checked, all others are kept as they came, so that
 * the document written into a backup is the engine's whole answer.
 */
export const containerInspect = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  /** The image's id, `sha256:…`. */
  Image: z.string(),
  State: z.looseObject({
    Running: z.boolean(),
    Paused: z.boolean().nullish(),
    Restarting: z.boolean().nullish(),
    ExitCode: z.number().nullish(),
    OOMKilled: z.boolean().nullish(),
    StartedAt: text,
    Health: z.looseObject({ Status: text, Log: z.array(z.looseObject({ Output: text })).nullish() }).nullish(),
  }),
  Mounts: z.array(mount).nullish(),
  Config: z.looseObject({
    Hostname: text,
    User: text,
    Image: text,
    Env: texts,
    Cmd: texts,
    Entrypoint: texts,
    WorkingDir: text,
    Labels: z.record(z.string(), z.string()).nullish(),
    MacAddress: text,
    Volumes: z.record(z.string(), z.unknown()).nullish(),
    StopTimeout: z.number().nullish(),
    Healthcheck: z
      .looseObject({
        Test: texts,
        Interval: z.number().nullish(),
        Timeout: z.number().nullish(),
        Retries: z.number().nullish(),
      })
      .nullish(),
  }),
  HostConfig: z.looseObject({
    NetworkMode: text,
    UTSMode: text,
    IpcMode: text,
    PidMode: text,
    Links: texts,
    VolumesFrom: texts,
    Binds: texts,
    Mounts: z.array(mountWish).nullish(),
    AutoRemove: z.boolean().nullish(),
    Privileged: z.boolean().nullish(),
    ReadonlyRootfs: z.boolean().nullish(),
    CapAdd: texts,
    CapDrop: texts,
    SecurityOpt: texts,
    ExtraHosts: texts,
    RestartPolicy: z.looseObject({ Name: text, MaximumRetryCount: z.number().nullish() }).nullish(),
    PortBindings: z.record(z.string(), z.array(portBinding).nullable()).nullish(),
    Tmpfs: z.record(z.string(), z.string()).nullish(),
    Memory: z.number().nullish(),
    MemoryReservation: z.number().nullish(),
    PidsLimit: z.number().nullish(),
    Runtime: text,
    UsernsMode: text,
    DeviceRequests: z.array(z.unknown()).nullish(),
    Devices: z.array(z.looseObject({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text })).nullish(),
  }),
  NetworkSettings: z.looseObject({ Networks: z.record(z.string(), endpoint).nullish() }).nullish(),
});
export type ContainerInspect = z.infer<typeof containerInspect>;
