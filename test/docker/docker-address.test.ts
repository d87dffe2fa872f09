import { expect, test } from "vitest";
import { dockerAddress } from "../../src/docker/docker-address.ts";

test.each([
  ["unix:///var/run/docker.sock", { socketPath: "/var/run/docker.sock", host: undefined, protocol: "http" }],
  ["/run/docker.sock", { socketPath: "/run/docker.sock", host: undefined, protocol: "http" }],
  ["tcp://proxy:2375", { host: "proxy", port: 2375, protocol: "http" }],
  ["tcp://10.0.0.1", { host: "10.0.0.1", port: 2375, protocol: "http" }],
  ["tcp://[::1]:4000", { host: "::1", port: 4000, protocol: "http" }],
  ["localhost:2375", { host: "localhost", port: 2375, protocol: "http" }],
  ["https://engine:2376", { host: "engine", port: 2376, protocol: "https" }],
])("DOCKER_HOST=%s is understood", (text, address) => {
  expect(dockerAddress(text)).toEqual(address);
});

test.each(["ssh://root@host", "", "tcp://", "unix://", "npipe:////./pipe/docker_engine"])(
  "DOCKER_HOST=%s is refused, with the way out",
  (text) => {
    expect(() => dockerAddress(text)).toThrow(/not an address/u);
  },
);
