import { expect, it } from "vitest";
import { parse } from "yaml";
import { findUnlisted } from "../../src/discover/find-unlisted.ts";
import { bind, configWith, container, volume } from "../fixtures/container.ts";

const mounts = [bind("/opt/docker/volumes/wiki"), volume("wiki-db")];

it("containers with data that nobody has opted in are told with the lines that would", () => {
  const labels = { "com.docker.compose.project": "wiki", "com.docker.compose.service": "app" };
  expect(findUnlisted([container("wiki-app-1", labels, { mounts })], configWith())).toEqual([
    {
      name: "wiki-app-1",
      image: expect.any(String),
      project: "wiki",
      service: "app",
      sources: ["/opt/docker/volumes/wiki", "wiki-db"],
      yaml: 'services:\n  app:\n    labels:\n      davit.enable: "true"\n',
    },
  ]);
});

it("a service's name adds nothing to the lines but itself", () => {
  const service = 'app:\n  evil: true\n#"';
  const [found] = findUnlisted([container("any", { "com.docker.compose.service": service }, { mounts })], configWith());
  expect(parse(found?.yaml ?? "")).toEqual({ services: { [service]: { labels: { "davit.enable": "true" } } } });
});

it("those that are in, said to be out, without data, or Davit itself are none of them", () => {
  const davit = { "org.opencontainers.image.title": "Davit" };
  const all = [
    container("in", { "davit.enable": "true" }, { mounts }),
    container("out", { "davit.enable": "false" }, { mounts }),
    container("half", { "davit.hold": "stop" }, { mounts }),
    container("empty", {}, { mounts: [bind("/etc/localtime")] }),
    container("davit", davit, { mounts }),
  ];
  expect(findUnlisted(all, configWith())).toEqual([]);
  expect(
    findUnlisted([container("any", {}, { mounts })], configWith({ modules: { "*": { enable: "true" } } })),
  ).toEqual([]);
});
