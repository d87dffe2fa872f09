import { describe, expect, test } from "vitest";
import { isUsable } from "../../src/contract/module.ts";
import type { HostPath } from "../../src/discover/host-path.ts";
import { modulesFromInspects } from "../../src/discover/modules-from-inspects.ts";
import type { ContainerInspect } from "../../src/docker/container-inspect.ts";
import { bind, configWith, container, volume } from "../fixtures/container.ts";

const on = { "davit.enable": "true" };
const config = configWith();
const project = (name: string, service: string, more: Record<string, string> = {}) => ({
  ...on,
  "com.docker.compose.project": name,
  "com.docker.compose.service": service,
  ...more,
});

function discover(...all: ContainerInspect[]) {
  return modulesFromInspects(all, config);
}

describe("modules", () => {
  test("only containers that opt in take part", () => {
    const found = discover(container("a", on), container("b", {}), container("c", { "davit.enable": "false" }));
    expect(found.map((one) => one.name)).toEqual(["a"]);
  });

  test("are compose projects, or containers, or what davit.module says", () => {
    const found = discover(
      container("shop-web-1", project("shop", "web")),
      container("shop-db-1", project("shop", "db")),
      container("alone", on),
      container("x", { ...on, "davit.module": "nas" }),
    );
    expect(found.map((one) => [one.name, one.containers.map((each) => each.name)])).toEqual([
      ["alone", ["alone"]],
      ["nas", ["x"]],
      ["shop", ["shop-db-1", "shop-web-1"]],
    ]);
  });

  test("davit.yaml can opt a container in, and its label out again", () => {
    const withFile = configWith({ modules: { nas: { enable: "true" } } });
    expect(modulesFromInspects([container("nas", {})], withFile)).toHaveLength(1);
    expect(modulesFromInspects([container("nas", { "davit.enable": "false" })], withFile)).toHaveLength(0);
  });

  test("a container with labels of Davit that does not opt in is seen, and failing", () => {
    const [module] = discover(container("nas", { "davit.enabled": "true" }));
    expect(module && isUsable(module)).toBe(false);
    expect(module?.warnings.map((one) => one.hint)).toContain("did you mean davit.enable?");
  });

  test("know which of their containers need which", () => {
    const [module] = discover(
      container(
        "shop-web-1",
        project("shop", "web", { "com.docker.compose.depends_on": "db:service_started:false,x:y:z" }),
      ),
      container("shop-db-1", project("shop", "db")),
      container("side", { ...on, "davit.module": "shop" }, { host: { NetworkMode: "container:shop-web-1-id" } }),
    );
    expect(Object.fromEntries(module?.containers.map((one) => [one.name, one.dependsOn]) ?? [])).toEqual({
      "shop-web-1": ["shop-db-1"],
      "shop-db-1": [],
      side: ["shop-web-1"],
    });
  });

  test("name images by digest where the engine knows one", () => {
    const digests = new Map([["sha256:1234", "busybox@sha256:abcd"]]);
    const [module] = modulesFromInspects([container("a", on)], config, { digests, look: () => null });
    expect(module?.containers[0]).toMatchObject({ image: "busybox:1", imageDigest: "busybox@sha256:abcd" });
    expect(discover(container("a", on))[0]?.containers[0]?.imageDigest).toBe("sha256:1234");
  });
});

describe("sources", () => {
  const sourcesOf = (...mounts: ReturnType<typeof bind>[]) => {
    const [module] = discover(container("a", on, { mounts }));
    if (module === undefined) throw new Error("a module was expected");
    return module;
  };

  test("are bind mounts below a root, and named volumes", () => {
    expect(sourcesOf(bind("/opt/docker/volumes/nas"), volume("data")).sources).toEqual([
      { path: "/opt/docker/volumes/nas", kind: "bind" },
      { path: "/var/lib/docker/volumes/data/_data", kind: "volume", volume: "data" },
    ]);
  });

  test("that several containers share are listed once", () => {
    const mounts = [bind("/opt/docker/volumes/nas")];
    const labels = { ...on, "davit.module": "shop" };
    expect(discover(container("a", labels, { mounts }), container("b", labels, { mounts }))[0]?.sources).toHaveLength(
      1,
    );
  });

  test.each([
    ["/etc/localtime", "outside the roots (/opt/docker/volumes)"],
    ["/opt/docker/volumes-old/x", "outside the roots (/opt/docker/volumes)"],
    ["/var/run/docker.sock", "a socket"],
    ["/proc", "belongs to the kernel"],
    ["/sys/fs/cgroup", "belongs to the kernel"],
    ["/dev/dri", "belongs to the kernel"],
    ["/mnt/backups/docker/nas", "lies in Davit's vault"],
  ])("do not include %s, which is listed", (path, reason) => {
    const { sources, leftOut } = modulesFromInspects(
      [container("a", on, { mounts: [bind(path)] })],
      path.startsWith("/mnt") ? configWith({ roots: ["/mnt"] }) : config,
    )[0] ?? { sources: null, leftOut: null };
    expect(sources).toEqual([]);
    expect(leftOut).toEqual([{ path, reason }]);
  });

  test("do not include volumes without a name or of another driver, which is warned of", () => {
    const module = sourcesOf(volume("0".repeat(64)), volume("far", { Driver: "rclone" }));
    expect(module.sources).toEqual([]);
    expect(module.leftOut).toHaveLength(2);
    expect(module.warnings.filter((one) => one.severity === "warning").length).toBeGreaterThanOrEqual(2);
  });

  test("must not hold the vault", () => {
    const roots = configWith({ roots: ["/mnt"] });
    const [module] = modulesFromInspects([container("a", on, { mounts: [bind("/mnt/backups")] })], roots);
    expect(module && isUsable(module)).toBe(false);
  });

  test("include what davit.include names, if it lies below a root", () => {
    const [module] = discover(container("a", { ...on, "davit.include": "/opt/docker/volumes/extra" }));
    expect(module?.sources).toEqual([{ path: "/opt/docker/volumes/extra", kind: "include" }]);
    const [other] = discover(container("a", { ...on, "davit.include": "/etc" }));
    expect(other && isUsable(other)).toBe(false);
  });

  test("a module without any says so", () => {
    expect(sourcesOf().warnings).toMatchObject([
      { severity: "error", message: expect.stringContaining("nothing to back up") },
    ]);
  });

  const seen = (kind: HostPath["kind"], real: string) => {
    const facts = { digests: new Map(), look: () => ({ kind, real }) };
    const mounts = [bind("/opt/docker/volumes/x")];
    const [module] = modulesFromInspects([container("a", on, { mounts })], config, facts);
    if (module === undefined) throw new Error("a module was expected");
    return module;
  };

  test("a socket below a root is left out, a single file is not", () => {
    expect(seen("socket", "/opt/docker/volumes/x").leftOut).toEqual([
      { path: "/opt/docker/volumes/x", reason: "a socket" },
    ]);
    expect(seen("file", "/opt/docker/volumes/x").sources).toHaveLength(1);
  });

  test("one that Davit can't see stops the module's backups", () => {
    expect(isUsable(seen("unseen", "/opt/docker/volumes/x"))).toBe(false);
  });

  test("one that is not mounted into Davit's container, be it there or not, is reached through a twin", () => {
    const module = seen("beyond", "/opt/docker/volumes/x");
    expect(module.sources).toEqual([{ path: "/opt/docker/volumes/x", kind: "bind" }]);
    expect(module.warnings).toMatchObject([{ severity: "note", message: expect.stringContaining("a twin") }]);
  });

  test("one that is a link stands for what it points at, if that lies below a root", () => {
    expect(seen("directory", "/opt/docker/volumes/real").sources).toEqual([
      { path: "/opt/docker/volumes/real", kind: "bind" },
    ]);
    expect(isUsable(seen("directory", "/etc"))).toBe(false);
  });
});

describe("another container that writes to a source", () => {
  const nas = container("nas", on, { mounts: [bind("/opt/docker/volumes/nas")] });
  const warningsBeside = (other: ContainerInspect) => discover(nas, other).find((one) => one.name === "nas")?.warnings;

  test.each(["/opt/docker/volumes/nas", "/opt/docker/volumes/nas/sub", "/opt/docker/volumes"])(
    "at %s is reported",
    (path) => {
      expect(warningsBeside(container("scanner", {}, { mounts: [bind(path)] }))).toMatchObject([
        { severity: "warning", message: expect.stringContaining("the container scanner") },
      ]);
    },
  );

  test("is not, where it only reads, or writes elsewhere, or is Davit itself", () => {
    const path = "/opt/docker/volumes/nas";
    expect(warningsBeside(container("x", {}, { mounts: [bind(path, { RW: false })] }))).toEqual([]);
    expect(warningsBeside(container("x", {}, { mounts: [bind(`${path}2`)] }))).toEqual([]);
    const davit = { "org.opencontainers.image.title": "Davit" };
    expect(warningsBeside(container("x", davit, { mounts: [bind("/opt/docker/volumes")] }))).toEqual([]);
  });
});
