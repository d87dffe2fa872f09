import { z } from "zod";
import type { ContainerInspect } from "../docker/container-inspect.ts";

const amount = z.number().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const text = z.string().nullish().catch(null);
const texts = z.array(z.string()).nullish().catch(null);
const pairs = z.record(z.string(), z.string()).nullish().catch(null);

/** What only the compose file reads; a field of another kind than expected counts as not there. */
const hostFields = z.object({
  Init: flag,
  ShmSize: amount,
  Sysctls: pairs,
  Ulimits: z
    .array(z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() }))
    .nullish()
    .catch(null),
  LogConfig: z.object({ Type: z.string(), Config: pairs }).nullish().catch(null),
  Dns: texts,
  DnsSearch: texts,
  DnsOptions: texts,
  GroupAdd: texts,
  UsernsMode: text,
  CgroupParent: text,
  Runtime: text,
  DeviceCgroupRules: texts,
  StorageOpt: pairs,
  NanoCpus: amount,
  CpuShares: amount,
  CpuQuota: amount,
  CpuPeriod: amount,
  CpuRealtimePeriod: amount,
  CpuRealtimeRuntime: amount,
  CpusetCpus: text,
  MemoryReservation: amount,
  MemorySwap: amount,
  MemorySwappiness: amount,
  OomKillDisable: flag,
  OomScoreAdj: amount,
  PidsLimit: amount,
});

const configFields = z.object({
  Domainname: text,
  Tty: flag,
  OpenStdin: flag,
  StopSignal: text,
  ExposedPorts: z.record(z.string(), z.unknown()).nullish().catch(null),
});

const defaultShmSize = 64 * 1024 * 1024;

/** The part of a compose service that says what a container may use, and how it runs. Null, false and 0 mean "as usual". */
export function composeLimits({ Config, HostConfig }: ContainerInspect): Record<string, unknown> {
  const host = hostFields.parse(HostConfig);
  const config = configFields.parse(Config);
  const { LogConfig: log } = host;
  const joins = HostConfig.NetworkMode?.startsWith("container:") === true;
  return {
    domainname: joins ? null : config.Domainname,
    tty: config.Tty || null,
    stdin_open: config.OpenStdin || null,
    stop_signal: config.StopSignal,
    expose: joins ? null : Object.keys(config.ExposedPorts ?? {}),
    init: host.Init,
    logging: log && (log.Type !== "json-file" || log.Config) ? { driver: log.Type, options: log.Config ?? {} } : null,
    dns: host.Dns,
    dns_search: host.DnsSearch,
    dns_opt: host.DnsOptions,
    group_add: host.GroupAdd,
    userns_mode: host.UsernsMode,
    cgroup_parent: host.CgroupParent,
    runtime: host.Runtime === "runc" ? null : host.Runtime,
    device_cgroup_rules: host.DeviceCgroupRules,
    storage_opt: host.StorageOpt,
    sysctls: host.Sysctls,
    ulimits: Object.fromEntries((host.Ulimits ?? []).map((one) => [one.Name, { soft: one.Soft, hard: one.Hard }])),
    shm_size: host.ShmSize === defaultShmSize ? null : host.ShmSize || null,
    cpus: host.NanoCpus ? host.NanoCpus / 1e9 : null,
    cpu_shares: host.CpuShares || null,
    cpu_quota: host.CpuQuota || null,
    cpu_period: host.CpuPeriod || null,
    cpu_rt_period: host.CpuRealtimePeriod || null,
    cpu_rt_runtime: host.CpuRealtimeRuntime || null,
    cpuset: host.CpusetCpus,
    mem_limit: HostConfig.Memory || null,
    mem_reservation: host.MemoryReservation || null,
    memswap_limit: host.MemorySwap || null,
    mem_swappiness: host.MemorySwappiness,
    oom_kill_disable: host.OomKillDisable || null,
    oom_score_adj: host.OomScoreAdj || null,
    pids_limit: host.PidsLimit || null,
  };
}
