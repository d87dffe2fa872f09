import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectDocker } from "../../../src/docker/connect-docker.ts";
import type { ContainerInspect } from "../../../src/docker/container-inspect.ts";
import { containerSpec } from "../../../src/docker/container-spec.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";
import { busyboxImage, ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, engine, stateOf, uniqueName } from "../../fixtures/live/engine.ts";

const docker = connectDocker("unix:///var/run/docker.sock");
const containers = new Containers();
const networks: string[] = [];
const volumes: string[] = [];

beforeAll(async () => void (await ensureBusyboxImage()));
afterEach(async () => {
  await containers.removeAll();
  for (const name of networks.splice(0)) await engine.getNetwork(name).remove();
  for (const name of volumes.splice(0)) await engine.getVolume(name).remove({ force: true });
});

describe("a container made once more from its document", () => {
  it("has every setting that the first one had", async () => {
    const folder = await scratchFolder();
    const [near, far] = [await network("172.31.200.0/24"), await network("172.31.201.0/24")];
    const volume = uniqueName("volume");
    volumes.push(volume);
    const id = await create(
      `--network ${near} --network-alias db --ip 172.31.200.7 --hostname postgres-1`,
      `-v ${volume}:/volume:ro -v ${folder}:/data -v /anonymous`,
      `--mount type=tmpfs,target=/fast,tmpfs-size=1000000 --tmpfs /run:size=1m`,
      `--mount type=volume,source=${volume},target=/again,readonly,volume-nocopy`,
      `--memory 64m --pids-limit 50 --cpus 0.5 --shm-size 10m --ulimit nofile=100:200`,
      `--cap-drop ALL --cap-add CHOWN --security-opt no-new-privileges --read-only --init`,
      `--sysctl net.core.somaxconn=100 --device /dev/null:/dev/mine:r --restart on-failure:3`,
      `--log-opt max-size=1m --health-cmd true --health-interval 7s --stop-timeout 3`,
      `--stop-signal SIGINT -u 65534:65534 -w /tmp -t -e SECRET=a=b$c -l who=me`,
      `-p 127.0.0.1::80 --expose 90 --add-host me:10.0.0.1 --dns 10.0.0.2`,
      `${busyboxImage} sleep 1000`,
    );
    await runTool("docker", "network", "connect", "--alias", "remote", far, id);
    const first = await docker.inspect(id);
    await docker.removeContainer(id);
    const again = await make(containerSpec(first, { image: busyboxImage }));
    expect(comparable(again)).toEqual(comparable(first));
    await docker.start(again.Id);
    await docker.removeContainer(again.Id);
  });

  it("has other sources, networks, owners and names where the caller says so", async () => {
    const folder = await scratchFolder();
    const [old, fresh] = [await network("172.31.202.0/24"), await network("172.31.203.0/24")];
    const volume = uniqueName("volume");
    volumes.push(volume);
    const owner = await containers.make({ name: uniqueName("owner") });
    const id = await create(
      `--network ${old} --network-alias web --ip 172.31.202.9 --link ${owner.name}:owner`,
      `-v ${volume}:/volume -v ${folder}:/gone --pid container:${owner.name} -l davit.enable=true`,
      `--mount type=volume,source=${volume},target=/long,volume-nocopy --volumes-from ${owner.name}:ro`,
      `${busyboxImage} sleep 1000`,
    );
    const made = await make(
      containerSpec(await docker.inspect(id), {
        image: busyboxImage,
        mount: (one) => (one.type === "volume" ? { ...one, type: "bind", source: folder } : null),
        network: () => fresh,
        container: () => null,
        config: { Labels: { mine: "yes" } },
        host: { PortBindings: {}, RestartPolicy: { Name: "no" } },
      }),
    );
    expect(made.HostConfig).toMatchObject({ Binds: [`${folder}:/volume`], PidMode: "", NetworkMode: fresh });
    expect(made.HostConfig.VolumesFrom ?? []).toEqual([]);
    expect(made.HostConfig.Mounts).toEqual([{ Type: "bind", Source: folder, Target: "/long" }]);
    expect(made.Config.Labels).toEqual({ mine: "yes" });
    const on = made.NetworkSettings?.Networks ?? {};
    expect(Object.keys(on)).toEqual([fresh]);
    expect(on[fresh]?.Aliases).toContain("web");
    expect(on[fresh]?.IPAMConfig ?? {}).toEqual({});
    await docker.removeContainer(made.Id);
  });

  it("shares the network of another one as the first one did", async () => {
    const owner = await containers.make({ image: busyboxImage });
    const id = await create(`--network container:${owner.name} ${busyboxImage} sleep 1000`);
    const first = await docker.inspect(id);
    const again = await make(containerSpec(first, { image: first.Image }));
    expect(again.HostConfig.NetworkMode).toBe(first.HostConfig.NetworkMode);
    await docker.start(again.Id);
    await docker.removeContainer(again.Id);
  });

  it("is not left behind where one of its networks refuses it", async () => {
    const { id } = await containers.make({ image: busyboxImage, started: false });
    const name = uniqueName("half");
    const { body } = containerSpec(await docker.inspect(id), { image: busyboxImage });
    const connect = [{ network: "bridge", settings: { Aliases: ["names need a network of one's own"] } }];
    await expect(docker.createContainer(name, { body, connect })).rejects.toMatchObject({ kind: "failed" });
    expect(await stateOf(name)).toBe("gone");
  });
});

describe("what a container printed", () => {
  it.each([
    ["with a terminal", true],
    ["without one", false],
  ])("is given back from both outputs, its last lines, %s", async (_, Tty) => {
    const script = 'echo "{\\"err\\": 1}" >&2; for one in 1 2 3 4; do echo "out $one"; done';
    const made = await engine.createContainer({ Image: busyboxImage, Cmd: ["sh", "-c", script], Tty });
    containers.adopt(made.id);
    await made.start();
    await made.wait();
    const printed = async (lines: number): Promise<string[]> =>
      (await docker.logs(made.id, { lines, bytes: 10_000 })).split(/\r?\n/u).filter((line) => line !== "");
    expect(new Set(await printed(10))).toEqual(new Set(["out 1", "out 2", "out 3", "out 4", '{"err": 1}']));
    expect(await printed(1)).toHaveLength(1);
    expect((await docker.logs(made.id, { lines: 4, bytes: 7 })).length).toBe(7);
  });
});

describe("networks and labels", () => {
  it("are found by label, and what is gone is no failure", async () => {
    const label = `test=${uniqueName("label")}`;
    const [key = "", value = ""] = label.split("=");
    const name = uniqueName("network");
    const made = await docker.createNetwork({ name, internal: true, labels: { [key]: value } });
    const { id } = await containers.make({ labels: { [key]: value } });
    expect(await docker.networksWith(label)).toEqual([made]);
    expect(await docker.containersWith(label)).toEqual([id]);
    expect(await docker.inspectNetwork(made)).toMatchObject({ Name: name, Internal: true, Labels: { [key]: value } });
    await docker.removeNetwork(made);
    await docker.removeNetwork(made);
    await docker.removeContainer(id);
    await docker.removeContainer(id);
    await expect(docker.inspectNetwork(made)).rejects.toMatchObject({ kind: "missing" });
  });
});

async function network(subnet: string): Promise<string> {
  const name = uniqueName("network");
  await engine.createNetwork({ Name: name, IPAM: { Config: [{ Subnet: subnet }] } });
  networks.push(name);
  return name;
}

/** `docker create` with the words of these lines. */
async function create(...lines: readonly string[]): Promise<string> {
  const id = (await runTool("docker", "create", ...lines.flatMap((line) => line.split(" ")))).trim();
  containers.adopt(id);
  return id;
}

async function make(spec: ReturnType<typeof containerSpec>): Promise<ContainerInspect> {
  const id = await docker.createContainer(uniqueName("again"), spec);
  containers.adopt(id);
  return docker.inspect(id);
}

/** A document without what differs from one container to the next. */
function comparable({ Config, HostConfig, NetworkSettings, Mounts }: ContainerInspect): unknown {
  return {
    Config,
    HostConfig,
    Networks: Object.fromEntries(
      Object.entries(NetworkSettings?.Networks ?? {}).map(([name, { Aliases, IPAMConfig, Links }]) => [
        name,
        {
          Aliases: (Aliases ?? []).filter((one) => !/^[0-9a-f]{12}$/u.test(one)),
          IPAMConfig: IPAMConfig ?? {},
          Links: Links ?? [],
        },
      ]),
    ),
    Mounts: (Mounts ?? [])
      .map(({ Name, Source, ...rest }) => (/^[0-9a-f]{64}$/u.test(Name ?? "") ? rest : { Name, Source, ...rest }))
      .toSorted((a, b) => (a.Destination < b.Destination ? -1 : 1)),
  };
}
