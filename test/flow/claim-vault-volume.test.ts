import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { VolumeInspect } from "../../src/docker/volumes.ts";
import { claimVaultVolume } from "../../src/flow/claim-vault-volume.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

/** An engine that keeps its volumes in that folder and knows these. */
function engineWith(folder: string, ...known: readonly string[]) {
  const names = new Set(known);
  const volume = (name: string): VolumeInspect => ({ Name: name, Driver: "local", Mountpoint: `/${name}` });
  return {
    names,
    volumesFolder: async () => folder,
    findVolume: async (name: string) => (names.has(name) ? volume(name) : null),
    createVolume: async ({ Name }: Pick<VolumeInspect, "Name">) => {
      if (names.has(Name)) throw new Error("it is there already");
      names.add(Name);
      return volume(Name);
    },
  };
}

describe("the volume that the vault lies in", () => {
  it("is found by its folder, and made with the vault's folder where it is not there", async () => {
    const folder = await scratchFolder();
    const docker = engineWith(folder);
    const config = { vault: join(folder, "davit-vault/_data/backups") };
    for (let start = 1; start <= 2; start += 1) {
      expect(await claimVaultVolume({ docker, config })).toBe("davit-vault");
      expect([...docker.names]).toEqual(["davit-vault"]);
      expect(await readdir(join(folder, "davit-vault/_data"))).toEqual(["backups"]);
    }
  });

  it.each(["mnt/backups", "volumes", "volumes/backups", "volumes/davit-vault/backups", "_data/b", "mnt/vault/_data/b"])(
    "is none for %s, and nothing is made",
    async (place) => {
      const folder = await scratchFolder();
      const docker = engineWith(join(folder, "volumes"), "davit-vault");
      expect(await claimVaultVolume({ docker, config: { vault: join(folder, place) } })).toBeNull();
      expect([...docker.names]).toEqual(["davit-vault"]);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
