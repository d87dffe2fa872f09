import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { machineName } from "../../contract/machine.ts";
import { writeDurably } from "../../durable/write-durably.ts";
import { errorCode, Failure } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { Rejected } from "../rejected.ts";
import type { Pairing } from "./pairings.ts";

const stored = z.strictObject({ format: z.literal(1), hosts: z.record(z.uuid(), machineName.nullable()) });

/** A machine that is made anew comes with a new id; more are somebody who makes them up. */
const mostOfOneMachine = 16;

/**
 * Whose copies a host's are: its id belongs to the machine whose sidecar used it first, so that no other machine can put anything
 * among them.
 */
export class CopyHosts {
  readonly #file: string;
  #known: Map<string, string | null> | null = null;
  #changing: Promise<void> = Promise.resolve();

  constructor(state: string) {
    this.#file = path.join(state, "link", "copy-hosts.json");
  }

  /** Returns where the pairing's sidecar may write copies of that host; throws an `other-host` rejection where not. */
  async claim({ machine }: Pairing, host: string): Promise<void> {
    const claim = async (): Promise<void> => {
      const known = (this.#known ??= await this.#read());
      if (known.get(host) === machine) return;
      const own = [...known.values()].filter((one) => one === machine).length;
      if (known.has(host) || own >= mostOfOneMachine)
        throw new Rejected("other-host", `the copies of the host ${host} belong to another pairing`, {
          hint: "two sidecars with one host id: give one of them a state folder of its own",
        });
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      const hosts = Object.fromEntries([...known, [host, machine]]);
      await writeDurably(this.#file, `${JSON.stringify({ format: 1, hosts }, null, 2)}\n`);
      known.set(host, machine);
    };
    this.#changing = this.#changing.then(claim, claim);
    await this.#changing;
  }

  async #read(): Promise<Map<string, string | null>> {
    try {
      return new Map(Object.entries(stored.parse(JSON.parse(await readFile(this.#file, "utf8"))).hosts));
    } catch (thrown) {
      if (errorCode(thrown) === "ENOENT") return new Map();
      if (errorCode(thrown) !== undefined) throw storageFailure(`can't read ${this.#file}`, thrown);
      throw new Failure("damaged", `can't understand ${this.#file}`, {
        hint: "remove the file: each sidecar claims its host's copies again with the next one it sends",
        cause: thrown,
      });
    }
  }
}
