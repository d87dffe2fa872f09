import type { Docker } from "../docker/connect-docker.ts";
import { containerSpec } from "../docker/container-spec.ts";
import { asFailure } from "../failure/failure.ts";
import { networkWish } from "./network-wish.ts";
import type { MadeThing, RecreateEntry, RecreateJournal } from "./open-recreate-journal.ts";
import type { PlannedContainer, PlannedNetwork, PlannedVolume } from "./recreate-plan.ts";

export interface MadeContainer extends PlannedContainer {
  id: string;
}

/** What makes a module anew. Whatever it is about to make is in the journal before. */
export class Recreation {
  readonly #docker: Docker;
  readonly #journal: RecreateJournal;
  readonly #now: () => Date;
  #entry: RecreateEntry;

  constructor(
    docker: Docker,
    journal: RecreateJournal,
    begun: { module: string; backup: string; paths: readonly string[] },
    now: () => Date,
  ) {
    this.#docker = docker;
    this.#journal = journal;
    this.#now = now;
    const { module, backup, paths } = begun;
    this.#entry = { format: 1, module, backup, made: [], paths: [...paths] };
  }

  /** Returns once the journal is on the disk: from here on `takeBack` knows. */
  async begin(): Promise<void> {
    await this.#journal.write(this.#entry);
  }

  /** Nothing is taken back any more. */
  async end(): Promise<void> {
    await this.#journal.clear(this.#entry.module);
  }

  async makeNetworks(networks: readonly PlannedNetwork[], warn: (message: string) => void): Promise<void> {
    for (const network of networks) {
      if (network.isThere) continue;
      await this.#make("network", network.name, async () => {
        try {
          return await this.#docker.createNetwork(networkWish(network));
        } catch (thrown) {
          const failure = asFailure(thrown);
          if (network.hasFixedAddress || !/overlap/iu.test(failure.message)) throw failure;
          warn(`the addresses that the network ${network.name} had are taken on this host; it gets others`);
          return this.#docker.createNetwork(networkWish(network, false));
        }
      });
    }
  }

  /** Gives the folder of the host that each volume's data belongs into, by the volume's name. */
  async makeVolumes(volumes: readonly PlannedVolume[]): Promise<Map<string, string>> {
    const folders = new Map<string, string>();
    for (const { like } of volumes) {
      await this.#make("volume", like.Name, async () => {
        const made = await this.#docker.createVolume(like);
        folders.set(like.Name, made.Mountpoint);
        return made.Name;
      });
    }
    return folders;
  }

  /** Makes the containers as they were, and starts none. */
  async makeContainers(waves: readonly (readonly PlannedContainer[])[]): Promise<MadeContainer[][]> {
    const ids = new Map<string, string>();
    const made: MadeContainer[][] = [];
    for (const wave of waves) {
      const makes: MadeContainer[] = [];
      for (const planned of wave) {
        const { name, document, image } = planned;
        const spec = containerSpec(document, {
          image: image.reference,
          // One that was named by its id has another now.
          container: (other) => ids.get(other) ?? other,
        });
        const id = await this.#make("container", name, async () => this.#docker.createContainer(name, spec));
        ids.set(document.Id, id);
        makes.push({ ...planned, id });
      }
      made.push(makes);
    }
    return made;
  }

  async #make(kind: MadeThing["kind"], name: string, create: () => Promise<string>): Promise<string> {
    const thing: MadeThing = { kind, name, id: null, at: this.#now().toISOString() };
    const before = this.#entry.made;
    this.#entry = { ...this.#entry, made: [...before, thing] };
    await this.#journal.write(this.#entry);
    const id = await create();
    this.#entry = { ...this.#entry, made: [...before, { ...thing, id }] };
    await this.#journal.write(this.#entry);
    return id;
  }
}
