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
