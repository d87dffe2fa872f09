import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { tokenView, type TokenView } from "../contract/api.ts";
import { Failure } from "../failure/failure.ts";
import { Endings } from "./endings.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";

const storedToken = tokenView.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/u) });
const stored = z.strictObject({ format: z.literal(1), tokens: z.array(storedToken) });
type StoredToken = z.infer<typeof storedToken>;

const mostTokens = 100;

/** API tokens, kept in the state folder by their SHA-256. */
export class Tokens {
  readonly #file: string;
  readonly #now: () => Date;
  #tokens: StoredToken[];
  #changing: Promise<void> = Promise.resolve();
  readonly #endings = new Endings();

  private constructor(file: string, now: () => Date, tokens: StoredToken[]) {
    this.#file = file;
    this.#now = now;
    this.#tokens = tokens;
  }

  static async open(stateDir: string, now: () => Date): Promise<Tokens> {
    const file = path.join(stateDir, "tokens.json");
    return new Tokens(file, now, (await readStateFile(file, stored))?.tokens ?? []);
  }

  list(): TokenView[] {
    return this.#tokens.map(view);
  }

  /** Makes a token of 256 random bits; what it returns is the only place where it can be read. */
  async create(name: string): Promise<TokenView & { token: string }> {
    const token = `davit_${randomBytes(32).toString("base64url")}`;
    const created = {
      id: randomBytes(8).toString("hex"),
      name,
      created: this.#now().toISOString(),
      sha256: hashOf(token),
    };
    await this.#change((tokens) => {
      if (tokens.length >= mostTokens)
        throw new Failure("usage", `there are ${mostTokens} API tokens already`, {
          hint: "revoke one that is not used",
        });
      return [...tokens, created];
    });
    return { ...view(created), token };
  }

  /** The token's record; null for one that never was or was revoked. */
  find(token: string): TokenView | null {
    const sha256 = hashOf(token);
    // Compared by hash, so how long it takes says nothing about the token.
    const found = this.#tokens.find((one) => one.sha256 === sha256);
    return found === undefined ? null : view(found);
  }

  /** Aborts when the token is revoked. */
  signalOf(id: string): AbortSignal {
    return this.#endings.signalOf(id);
  }

  async revoke(id: string): Promise<void> {
    await this.#change((tokens) => {
      const left = tokens.filter((one) => one.id !== id);
      if (left.length === tokens.length) throw new Failure("missing", `there is no API token ${id}`);
      return left;
    });
    this.#endings.end(id);
  }

  /** One change after the other, also after one that failed; none counts before it is on disk. */
  async #change(change: (tokens: StoredToken[]) => StoredToken[]): Promise<void> {
    const apply = async (): Promise<void> => {
      const tokens = change(this.#tokens);
      await writeStateFile(this.#file, { format: 1, tokens });
      this.#tokens = tokens;
    };
    this.#changing = this.#changing.then(apply, apply);
    await this.#changing;
  }
}

function view({ id, name, created }: StoredToken): TokenView {
  return { id, name, created };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
