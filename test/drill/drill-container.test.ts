import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ContainerInspect } from "../../src/docker/container-inspect.ts";
import { drillContainer } from "../../src/drill/drill-container.ts";
import { container } from "../fixtures/container.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const source = "/opt/docker/volumes/nas";

async function planned(host: ContainerInspect["HostConfig"], more: Partial<ContainerInspect> = {}) {
  const data = await scratchFolder();
  await mkdir(join(data, source, "db"), { recursive: true });
  await mkdir(join(data, "var/lib/docker/volumes/cache/_data"), { recursive: true });
  await writeFile(join(data, source, "app.conf"), "");
  await symlink("/etc", join(data, source, "link"));
  const document: ContainerInspect = { ...container("nas-app-1", {}, { host }), ...more };
  const other = container("nas-db-1", {});
  const { spec, findings } = drillContainer(document, {
    run: "20261122T020000Z-drill-nas-ab12",
    module: "nas",
    network: "drill-network",
    withTime: true,
    waves: [[other], [document]],
    images: new Map([[document.Id, { id: "sha256:abcd", environment: ["PATH=/bin"] }]]),
    sources: [
      { path: source, kind: "bind" },
      { path: "/var/lib/docker/volumes/cache/_data", kind: "volume", volume: "cache" },
    ],
    data,
    hostData: "/host/data",
  });
  return { spec, host: spec.body["HostConfig"], findings: findings.map((one) => one.message) };
}

it("gets the restored data in place of folders, files and volumes", async () => {
  const { host, findings } = await planned({
    Binds: [`${source}/db:/db`, `${source}/app.conf:/etc/app.conf:ro`, "cache:/cache:nocopy"],
    Mounts: [{ Type: "volume", Source: "cache", Target: "/again", VolumeOptions: { Subpath: "below" } }],
  });
  expect(host).toMatchObject({
    Binds: [
      `/host/data${source}/db:/db`,
      `/host/data${source}/app.conf:/etc/app.conf:ro`,
      "/host/data/var/lib/docker/volumes/cache/_data:/cache",
    ],
    Mounts: [{ Type: "bind", Source: "/host/data/var/lib/docker/volumes/cache/_data/below", Target: "/again" }],
  });
  expect(findings).toEqual([]);
});

it.each([
  [
    "a file outside the roots",
    "/etc/app.conf:/etc/app.conf",
    "/etc/app.conf, mounted at /etc/app.conf, is not in the backup",
  ],
  ["what was excluded", `${source}/gone:/x`, "it was excluded, or not there"],
  ["a volume that is no source", "other:/x", "the volume other, mounted at /x, is not in the backup"],
  ["a link in the backup, which may lead to the host", `${source}/link:/x`, "is or lies behind a link in the backup"],
  ["what lies behind such a link", `${source}/link/passwd:/x`, "is or lies behind a link in the backup"],
  ["the engine's socket", "/var/run/docker.sock:/var/run/docker.sock", "never gets a socket of the host"],
  ["what belongs to the kernel", "/sys/fs/cgroup:/sys/fs/cgroup", "it belongs to the kernel"],
])("gets nothing in place of %s, and says so", async (_, bind, words) => {
  const { host, findings } = await planned({ Binds: [bind] });
  expect(host).toMatchObject({ Binds: [], Mounts: [] });
  expect(findings).toEqual([expect.stringContaining(words)]);
});

it("gets the host's zone, for reading only", async () => {
  const zone = { Type: "bind", Source: "/etc/localtime", Destination: "/etc/localtime", RW: true };
  const { host, findings } = await planned({ Binds: ["/etc/localtime:/etc/localtime"] }, { Mounts: [zone] });
  expect(host).toMatchObject({
    Binds: [],
    Mounts: [{ Type: "bind", Source: "/etc/localtime", Target: "/etc/localtime", ReadOnly: true }],
  });
  expect(findings).toEqual([]);
});

it("has no way to the host, and keeps its limits", async () => {
  const { host, findings } = await planned({
    NetworkMode: "host",
    PidMode: "host",
    IpcMode: "host",
    UTSMode: "host",
    Privileged: true,
    CapAdd: ["CAP_SYS_ADMIN", "NET_BIND_SERVICE"],
    SecurityOpt: ["seccomp=unconfined", "no-new-privileges"],
    Devices: [{ PathOnHost: "/dev/sda" }],
    PortBindings: { "80/tcp": [{ HostPort: "80" }] },
    RestartPolicy: { Name: "always" },
    Memory: 1000,
    PidsLimit: 7,
  });
  expect(host).toMatchObject({
    NetworkMode: "drill-network",
    PidMode: "",
    IpcMode: "",
    UTSMode: "",
    Privileged: false,
    CapAdd: ["NET_BIND_SERVICE"],
    SecurityOpt: ["no-new-privileges"],
    Devices: [],
    PortBindings: {},
    RestartPolicy: { Name: "no" },
    Memory: 1000,
    PidsLimit: 7,
  });
  expect(findings).toHaveLength(6);
});

it("gets a limit of memory and processes where it has none", async () => {
  const { host } = await planned({});
  expect(host).toMatchObject({ Memory: expect.any(Number), PidsLimit: 4096, OomScoreAdj: 1000 });
});

it("uses the drill's own counterpart of another container, and says where there is none", async () => {
  const shared = await planned({ NetworkMode: "container:nas-db-1-id", VolumesFrom: ["stranger:ro"] });
  expect(shared.host).toMatchObject({
    NetworkMode: "container:davit-20261122T020000Z-drill-nas-ab12-nas-db-1",
    VolumesFrom: [],
  });
  expect(shared.findings).toEqual(["nas-app-1 uses the container stranger, which is none of the module's"]);
});

it("keeps its names on the network, not its addresses, and has no labels but the drill's", async () => {
  const { spec, findings } = await planned(
    { NetworkMode: "nas_default" },
    {
      NetworkSettings: {
        Networks: { nas_default: { Aliases: ["app"], IPAMConfig: { IPv4Address: "172.20.0.5" } } },
      },
    },
  );
  expect(spec.body["NetworkingConfig"]).toMatchObject({
    EndpointsConfig: { "drill-network": { Aliases: ["app", "nas-app-1"] } },
  });
  expect(spec.body["Labels"]).toEqual({
    "davit.drill.run": "20261122T020000Z-drill-nas-ab12",
    "davit.drill.module": "nas",
    "davit.enable": "false",
  });
  expect(findings).toEqual(["nas-app-1 has not its address 172.20.0.5 in a drill"]);
});

it("says which values of its environment the backup has not, and leaves the image's own alone", async () => {
  const Config = { ...container("x", {}).Config, Env: ["PATH", "PASSWORD", "KEPT=1"] };
  const { spec, findings } = await planned({}, { Config });
  expect(spec.body["Env"]).toEqual(["KEPT=1"]);
  expect(findings).toEqual(["nas-app-1: the backup has no values for its environment variables PASSWORD"]);
});
