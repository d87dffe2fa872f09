import { expect, it } from "vitest";
import { hostSight } from "../../src/docker/host-sight.ts";
import { twinSpec } from "../../src/docker/twin-spec.ts";
import { bind, container, volume } from "../fixtures/container.ts";

const own = container(
  "davit",
  { "com.docker.compose.project": "davit" },
  {
    mounts: [
      bind("/srv/backups", { Destination: "/srv/backups" }),
      bind("/etc/zone", { Destination: "/zone" }),
      volume("state", { Destination: "/var/lib/davit" }),
    ],
    config: { Env: ["TZ=UTC"], User: "0:0", Hostname: "davit" },
    host: {
      NetworkMode: "davit_default",
      Binds: ["/srv/backups:/srv/backups"],
      CapDrop: ["ALL"],
      RestartPolicy: { Name: "unless-stopped" },
      PortBindings: { "8080/tcp": [{ HostPort: "8080" }] },
    },
  },
);
own.NetworkSettings = { Networks: { davit_default: {}, proxy: {} } };

const wish = {
  module: "nas",
  image: "davit:test",
  command: ["backup", "--json", "nas"],
  environment: ["DAVIT_TWIN_RUN=x"],
  paths: ["/data/nas"],
  writable: false,
  makes: false,
};

it("a twin is like Davit's own container, and sees more", () => {
  const { body, connect } = twinSpec(own, wish);
  expect(body).toMatchObject({
    Image: "davit:test",
    Cmd: wish.command,
    Env: ["TZ=UTC", "DAVIT_TWIN_RUN=x"],
    Hostname: "davit",
    Labels: { "davit.twin": "nas", "davit.enable": "false" },
    HostConfig: {
      VolumesFrom: ["davit-id"],
      Binds: [],
      Mounts: [{ Type: "bind", Source: "/data/nas", Target: "/data/nas", ReadOnly: true }],
      NetworkMode: "davit_default",
      CapDrop: ["ALL"],
      RestartPolicy: { Name: "no" },
      PortBindings: {},
      AutoRemove: false,
    },
  });
  expect(connect).toEqual([{ network: "proxy", settings: {} }]);
});

it("a twin that makes folders has them in the form that makes them", () => {
  const { HostConfig } = twinSpec(own, { ...wish, writable: true, makes: true }).body;
  expect(HostConfig).toMatchObject({ Binds: ["/data/nas:/data/nas"], Mounts: [] });
});

it("a container sees of the host what is mounted at the same path, and a process outside of one sees all", () => {
  const sees = hostSight(own);
  const paths = ["/srv/backups", "/srv/backups/nas", "/srv", "/srv/backups2", "/zone", "/var/lib/davit"];
  expect(paths.filter((path) => sees(path))).toEqual(["/srv/backups", "/srv/backups/nas"]);
  expect(paths.every(hostSight(null))).toBe(true);
});
