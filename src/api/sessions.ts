import { createHash, createHmac, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { Endings } from "./endings.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";

const stored = z.strictObject({
  format: z.literal(1),
  /** By SHA-256 of the session's id: who reads the file can't sign in with it. */
  sessions: z.record(z.string().regex(/^[0-9a-f]{64}$/u), z.strictObject({ expires: z.iso.datetime() })),
});

export interface Session {
  /** The cookie's value: 256 random bits. */
  id: string;
  /** What must come with every request that changes state. */
  csrf: string;
  expires: Date;
}

const lifetimeMs = 14 * 24 * 3600 * 1000;
const mostSessions = 1000;

/** The signed-in browsers, kept in the state folder so that a restart signs nobody out. */
export class Sessions {
  readonly #file: string;
  readonly #now: () => Date;
  /** Expiry by hashed id, oldest first. */
  #expiries: Map<string, Date>;
  #writing: Promise<void> = Promise.resolve();
  readonly #endings = new Endings();

  private constructor(file: string, now: () => Date, expiries: Map<string, Date>) {
    this.#file = file;
    this.#now = now;
    this.#expiries = expiries;
  }

  static async open(stateDir: string, now: () => Date): Promise<Sessions> {
    const file = sessionFile(stateDir);
    const known = (await readStateFile(file, stored))?.sessions ?? {};
    const expiries = Object.entries(known).map(([hash, { expires }]) => [hash, new Date(expires)] as const);
    return new Sessions(file, now, new Map(expiries));
  }

  /** Starts a session; it lasts 14 days. */
  async create(): Promise<Session> {
    const id = randomBytes(32).toString("base64url");
    const expires = new Date(this.#now().getTime() + lifetimeMs);
    this.#expiries.set(hashOf(id), expires);
    this.#dropOld();
    await this.#write();
    return { id, csrf: csrfOf(id), expires };
  }

  /** The session of a cookie; null for one that never was, was ended or expired. */
  find(id: string): Session | null {
    const expires = this.#expiries.get(hashOf(id));
    if (expires === undefined || expires <= this.#now()) return null;
    return { id, csrf: csrfOf(id), expires };
  }

  /** Aborts when the session is ended. */
  signalOf(id: string): AbortSignal {
    return this.#endings.signalOf(hashOf(id));
  }

  async end(id: string): Promise<void> {
    this.#endings.end(hashOf(id));
    if (this.#expiries.delete(hashOf(id))) await this.#write();
  }

  /** Ends every session but that one. */
  async endOthers(id: string): Promise<void> {
    const kept = hashOf(id);
    for (const hash of this.#expiries.keys()) {
      if (hash === kept) continue;
      this.#endings.end(hash);
      this.#expiries.delete(hash);
    }
    await this.#write();
  }

  #dropOld(): void {
    const now = this.#now();
    const alive = [...this.#expiries].filter(([, expires]) => expires > now);
    this.#expiries = new Map(alive.slice(-mostSessions));
  }

  async #write(): Promise<void> {
    const write = async (): Promise<void> => {
      const sessions = [...this.#expiries].map(
        ([hash, expires]) => [hash, { expires: expires.toISOString() }] as const,
      );
      await writeStateFile(this.#file, { format: 1, sessions: Object.fromEntries(sessions) });
    };
    // One after the other, also after one that failed, so that the newest state is what stays.
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }
}

/** Signs everybody out; for a password that changed while Davit was down. */
export async function endAllSessions(stateDir: string): Promise<void> {
  await rm(sessionFile(stateDir), { force: true });
}

function sessionFile(stateDir: string): string {
  return path.join(stateDir, "sessions.json");
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}

function csrfOf(id: string): string {
  return createHmac("sha256", id).update("davit-csrf").digest("base64url");
}
