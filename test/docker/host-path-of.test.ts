import { expect, it } from "vitest";
import { hostPathOf } from "../../src/docker/host-path-of.ts";
import { bind, volume } from "../fixtures/container.ts";

const container = {
  Mounts: [
    bind("/mnt/backups", { Destination: "/mnt/backups" }),
    bind("/srv/fast/scratch", { Destination: "/mnt/backups/.scratch" }),
    volume("state", { Destination: "/var/lib/davit/" }),
    { Type: "tmpfs", Source: "", Destination: "/tmp" },
  ],
};

it.each([
  ["the same path", "/mnt/backups/nas", "/mnt/backups/nas"],
  ["the innermost mount", "/mnt/backups/.scratch/drill-1", "/srv/fast/scratch/drill-1"],
  ["a volume", "/var/lib/davit/scratch", "/var/lib/docker/volumes/state/_data/scratch"],
  ["a mount itself", "/mnt/backups", "/mnt/backups"],
  ["a name that only begins alike", "/mnt/backups-old", null],
  ["a tmpfs, which the host has not", "/tmp/scratch", null],
  ["the container's own file system", "/opt/scratch", null],
])("the host's path of %s", (_, path, expected) => {
  expect(hostPathOf(container, path)).toBe(expected);
});

it("is the path itself where Davit runs in no container", () => {
  expect(hostPathOf(null, "/opt/scratch")).toBe("/opt/scratch");
});
