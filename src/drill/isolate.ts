import { totalmem } from "node:os";
import type { Finding } from "../contract/manifest.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { nameOf } from "./drill-order.ts";

/** With these a process reaches past its own namespaces: modules, clock, disks, the kernel's log, files by their number. */
const reaching = new Set(
  (
    "ALL AUDIT_CONTROL BPF DAC_READ_SEARCH LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE PERFMON " +
    "SYS_ADMIN SYS_BOOT SYSLOG SYS_MODULE SYS_RAWIO SYS_TIME"
  )
    .split(" ")
    .flatMap((one) => [one, `CAP_${one}`]),
);

const mostProcesses = 4096;
/** When memory runs short, the kernel ends a drill before anything that is in use. */
const endFirst = 1000;

/** The most memory that a container gets in a drill where it has no limit of its own: half of the host's. */
function memoryLimit(): number {
  return Math.floor(totalmem() / 2);
}

/**
 * What of `HostConfig` is different in a drill, so that nothing in it reaches the host: no privileges, devices, ports, host
 * namespaces. What that takes from the container is told. Limits stay; where none is set there is one of memory and processes.
 */
export function isolate(document: ContainerInspect): { host: Record<string, unknown>; findings: Finding[] } {
  const { HostConfig } = document;
  const findings: Finding[] = [];
  const tell = (what: string): void =>
    void findings.push({
      message: `${nameOf(document)}: ${what}`,
      hint: "a drill is kept apart from the host; a real recovery would have it",
    });
  const unconfined = (option: string): boolean => /[=:](?:unconfined|disable)$/u.test(option);
  const capabilities = HostConfig.CapAdd ?? [];
  const taken = capabilities.filter((one) => reaching.has(one.toUpperCase()));
  const devices = (HostConfig.Devices ?? []).map((one) => one.PathOnHost ?? "?");

  if (HostConfig.Privileged === true) tell("it is not privileged in a drill");
  if (taken.length > 0)
    tell(`it has not the capability ${taken.map((one) => one.replace("CAP_", "")).join(", ")} in a drill`);
  if (devices.length > 0) tell(`it has not the device ${devices.join(", ")} in a drill`);
  if ((HostConfig.DeviceRequests ?? []).length > 0) tell("it has no GPU in a drill");
  if (HostConfig.NetworkMode === "host") tell("it is on a network of the drill's own instead of the host's");
  if (HostConfig.PidMode === "host") tell("it does not see the host's processes in a drill");
  if (HostConfig.IpcMode === "host") tell("it does not share the host's memory segments in a drill");

  const memory = HostConfig.Memory || Math.max(memoryLimit(), HostConfig.MemoryReservation ?? 0);
  return {
    findings,
    host: {
      Privileged: false,
      CapAdd: capabilities.filter((one) => !taken.includes(one)),
      Devices: [],
      DeviceRequests: null,
      DeviceCgroupRules: null,
      SecurityOpt: (HostConfig.SecurityOpt ?? []).filter((one) => !unconfined(one)),
      MaskedPaths: null,
      ReadonlyPaths: null,
      ...(HostConfig.PidMode === "host" && { PidMode: "" }),
      ...(HostConfig.IpcMode === "host" && { IpcMode: "" }),
      UTSMode: "",
      UsernsMode: "",
      CgroupnsMode: "",
      CgroupParent: "",
      Runtime: "",
      PortBindings: {},
      PublishAllPorts: false,
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      // What a drill prints is nothing for where the module's log goes.
      LogConfig: { Type: "json-file", Config: { "max-size": "2m", "max-file": "1" } },
      Memory: memory,
      PidsLimit: (HostConfig.PidsLimit ?? 0) > 0 ? HostConfig.PidsLimit : mostProcesses,
      OomScoreAdj: endFirst,
      OomKillDisable: false,
    },
  };
}
