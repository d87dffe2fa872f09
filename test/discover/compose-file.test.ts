import { expect, test } from "vitest";
import { parse } from "yaml";
import { composeFile } from "../../src/discover/compose-file.ts";
import { modulesFromInspects } from "../../src/discover/modules-from-inspects.ts";
import type { ContainerInspect } from "../../src/docker/container-inspect.ts";
import { bind, configWith, container, volume } from "../fixtures/container.ts";

const labels = (service: string, more = {}) => ({
  "davit.enable": "true",
  "com.docker.compose.project": "shop",
  "com.docker.compose.service": service,
  ...more,
});

function written(...documents: ContainerInspect[]) {
  const digests = new Map([["sha256:1234", "busybox@sha256:abcd"]]);
  const [module] = modulesFromInspects(documents, configWith(), { digests, look: () => null });
  if (module === undefined) throw new Error("a module was expected");
  return parse(composeFile({ containers: documents, networks: [], volumes: [] }, module));
}

test("a module is written back as compose services, images by digest", () => {
  const web = container("shop-web-1", labels("web"), {
    mounts: [bind("/opt/docker/volumes/shop", { RW: false }), volume("shop_data", { Destination: "/var/data" })],
    config: {
      Cmd: ["sh", "-c", "echo $HOME"],
      Env: ["A=1", "PASSWORD=a$b"],
      Healthcheck: { Test: ["CMD", "true"], Interval: 5e9 },
    },
    host: {
      NetworkMode: "shop_default",
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] },
    },
  });
  web.NetworkSettings = { Networks: { shop_default: { Aliases: ["web", "www"] } } };
  const db = container("shop-db-1", labels("db", { "com.docker.compose.depends_on": "web:service_started:false" }), {
    host: { NetworkMode: "container:shop-web-1-id" },
  });

  expect(written(web, db)).toEqual({
    services: {
      web: {
        image: "busybox@sha256:abcd",
        container_name: "shop-web-1",
        command: ["sh", "-c", "echo $$HOME"],
        environment: ["A=1", "PASSWORD=a$$b"],
        labels: { "davit.enable": "true" },
        restart: "on-failure:3",
        networks: { shop_default: { aliases: ["www"] } },
        ports: ["127.0.0.1:8080:80/tcp"],
        volumes: [
          { type: "bind", source: "/opt/docker/volumes/shop", target: "/data", read_only: true },
          { type: "volume", source: "shop_data", target: "/var/data" },
        ],
        healthcheck: { test: ["CMD", "true"], interval: "5000ms" },
      },
      db: {
        image: "busybox@sha256:abcd",
        container_name: "shop-db-1",
        labels: { "davit.enable": "true" },
        depends_on: ["web"],
        network_mode: "service:web",
      },
    },
    networks: { shop_default: { name: "shop_default" } },
    volumes: { shop_data: { name: "shop_data" } },
  });
});

test("what a service waits for, and each container of a scaled one, are kept", () => {
  const networks = { shop_default: { Aliases: [] } };
  const db = container("shop-db-1", labels("db"));
  const web = { "com.docker.compose.depends_on": "db:service_healthy:false" };
  const both = ["shop-web-1", "shop-web-2"].map((name) => container(name, labels("web", web)));
  for (const one of [db, ...both]) one.NetworkSettings = { Networks: networks };
  expect(written(db, ...both).services).toMatchObject({
    db: { container_name: "shop-db-1" },
    "shop-web-1": { container_name: "shop-web-1", depends_on: { db: { condition: "service_healthy" } } },
    "shop-web-2": { container_name: "shop-web-2", depends_on: { db: { condition: "service_healthy" } } },
  });
});

test("networks and volumes are written as they were, and those of another project are looked for", () => {
  const web = container("shop-web-1", labels("web"), {
    mounts: [volume("shop_data")],
    host: { NetworkMode: "shop_back" },
  });
  web.NetworkSettings = {
    Networks: { shop_back: { IPAMConfig: { IPv4Address: "10.9.0.7" } }, proxy: { Aliases: ["shop"] } },
  };
  const project = (name: string) => ({ "com.docker.compose.project": name });
  const ipam = { Driver: "default", Config: [{ Subnet: "10.9.0.0/24", Gateway: "10.9.0.1" }] };
  const networks = [
    { Id: "1", Name: "shop_back", Driver: "bridge", Internal: true, Labels: { ...project("shop"), a: "" }, IPAM: ipam },
    { Id: "2", Name: "proxy", Driver: "bridge", Labels: project("proxy") },
  ];
  const volumes = [
    { Name: "shop_data", Driver: "local", Mountpoint: "/x", Labels: { keep: "$1" }, Options: { o: "uid=1" } },
  ];
  const module = { name: "shop", containers: [] };
  const file = parse(composeFile({ containers: [web], networks, volumes }, module));
  expect(file.networks).toEqual({
    proxy: { name: "proxy", external: true },
    shop_back: {
      name: "shop_back",
      driver: "bridge",
      internal: true,
      ipam: { config: [{ subnet: "10.9.0.0/24", gateway: "10.9.0.1" }] },
      labels: { a: "" },
    },
  });
  expect(file.volumes).toEqual({
    shop_data: { name: "shop_data", driver_opts: { o: "uid=1" }, labels: { keep: "$$1" } },
  });
  expect(file.services.web.networks).toEqual({
    proxy: { aliases: ["shop"] },
    shop_back: { ipv4_address: "10.9.0.7", priority: 1000 },
  });
});
