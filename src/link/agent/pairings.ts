import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { machineName } from "../../contract/machine.ts";
import { writeDurably } from "../../durable/write-durably.ts";
import { errorCode, Failure } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";

const pairing = z.strictObject({
  /** The machine that the sidecar runs in; null where it runs in none of the agent's. */
  machine: machineName.nullable(),
  /** Other machines that it may see and start jobs for. */
  also: z.array(machineName),
  /** Who reads the file can't dial the agent with it. */
  tokenSha256: z.string().regex(/^[0-9a-f]{64}$/u),
  paired: z.iso.datetime(),
});
export type Pairing = z.infer<typeof pairing>;
const stored = z.strictObject({ format: z.literal(1), pairings: z.array(pairing) });

export interface PairingWish {
  machine: string | null;
  also?: readonly string[];
  now: Date;
}

/** Who may dial the agent. `davit agent pair` writes the file, and the agent that runs sees that at the next request. */
export class Pairings {
  readonly #file: string;
  #read: { stamp: string; pairings: Pairing[] } | null = null;

  constructor(state: string) {
    this.#file = path.join(state, "link", "pairings.json");
  }

  async list(): Promise<Pairing[]> {
    const stamp = await this.#stamp();
    if (stamp === null) return [];
    if (this.#read?.stamp !== stamp) this.#read = { stamp, pairings: await this.#parse() };
    return this.#read.pairings;
  }

  /** The pairing whose token this is. Every one is compared, in a time that says nothing about any. */
  async find(token: string): Promise<Pairing | null> {
    const hash = sha256(token);
    let found: Pairing | null = null;
    for (const one of await this.list()) {
      if (timingSafeEqual(hash, Buffer.from(one.tokenSha256, "hex"))) found = one;
    }
    return found;
  }

  /** Whether a pairing that was found before still holds. */
  async isGood({ tokenSha256 }: Pairing): Promise<boolean> {
    return (await this.list()).some((one) => one.tokenSha256 === tokenSha256);
  }

  /** Pairs the sidecar of a machine; one that was paired before loses its token. Gives the new one, which is stored nowhere. */
  async pair({ machine, also = [], now }: PairingWish): Promise<string> {
    const token = randomBytes(32).toString("base64url");
    const others = (await this.list()).filter((one) => one.machine !== machine);
    const made = { machine, also: [...also], tokenSha256: sha256(token).toString("hex"), paired: now.toISOString() };
    await this.#write([...others, made]);
    return token;
  }

  /** Ends the pairing of a machine's sidecar; false where there was none. */
  async revoke(machine: string | null): Promise<boolean> {
    const before = await this.list();
    const left = before.filter((one) => one.machine !== machine);
    if (left.length < before.length) await this.#write(left);
    return left.length < before.length;
  }

  async #stamp(): Promise<string | null> {
    try {
      const { ino, mtimeNs, size } = await stat(this.#file, { bigint: true });
      return `${ino} ${mtimeNs} ${size}`;
    } catch (thrown) {
      if (errorCode(thrown) === "ENOENT") return null;
      throw storageFailure(`can't read ${this.#file}`, thrown);
    }
  }

  async #parse(): Promise<Pairing[]> {
    try {
      return stored.parse(JSON.parse(await readFile(this.#file, "utf8"))).pairings;
    } catch (cause) {
      throw new Failure("damaged", `can't understand ${this.#file}`, {
        hint: "remove the file and pair each sidecar again: `davit agent pair`",
        cause,
      });
    }
  }

  async #write(pairings: readonly Pairing[]): Promise<void> {
    try {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    } catch (thrown) {
      throw storageFailure(`can't make ${path.dirname(this.#file)}`, thrown);
    }
    await writeDurably(this.#file, `${JSON.stringify({ format: 1, pairings }, null, 2)}\n`);
  }
}

/** Whether a pairing's sidecar may see a machine. */
export function maySee({ machine, also }: Pairing, name: string): boolean {
  return machine === name || also.includes(name);
}

function sha256(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
