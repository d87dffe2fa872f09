import { expect, it } from "vitest";
import { candidateIds } from "../../src/docker/own-container.ts";

const one = "6514261ac47c5c51d6a0e0981db9327860e36b0a1a69f665260ffa235c24a06a";
const other = "b7c0".repeat(16);

it.each([
  ["cgroup v1", `9:name=systemd:/docker/${one}\n8:pids:/docker/${one}\n`],
  ["systemd", `0::/system.slice/docker-${one}.scope\n`],
])("knows its container by %s", (_name, cgroup) => {
  expect(candidateIds(cgroup, "", "nas")).toEqual([one]);
});

it("knows its container by what the engine mounts into /etc, where the cgroup is a private one", () => {
  const mountinfo = [
    "92 75 0:22 / /sys rw - sysfs sysfs rw",
    `93 75 254:0 /var/lib/docker/containers/${one}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda rw`,
    `94 75 254:0 /var/lib/docker/containers/${one}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw`,
  ].join("\n");
  expect(candidateIds("0::/\n", mountinfo, "nas")).toEqual([one]);
});

it("takes a host's own table of mounts, which has the folders of all containers, for none", () => {
  const mountinfo = `40 27 0:50 / /var/lib/docker/containers/${other}/mounts/shm rw - tmpfs shm rw\n`;
  expect(candidateIds("0::/init.scope\n", mountinfo, "davit")).toEqual([]);
});

it("tries the host name last, and only where it looks like an id", () => {
  expect(candidateIds(`0::/docker/${one}\n`, "", other.slice(0, 12))).toEqual([one, other.slice(0, 12)]);
});
