import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { Failure } from "../failure/failure.ts";
import { endAllSessions } from "./sessions.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";

const stored = z.strictObject({
  format: z.literal(1),
  algorithm: z.literal("scrypt"),
  /** scrypt's cost, block size and parallelization. */
  cost: z.int().min(2),
  blockSize: z.int().min(1),
  parallelization: z.int().min(1),
  salt: z.base64(),
  hash: z.base64(),
});
type Stored = z.infer<typeof stored>;

const hashBytes = 32;
// 32 MiB and three rounds: what OWASP's password storage cheat sheet asks of scrypt at least.
const parameters = { cost: 32_768, blockSize: 8, parallelization: 3 } as const;

/**
 * Makes sure that there is a password to sign in with. A configured one is stored as its scrypt hash, and replaces another
 * that was stored before (which ends all sessions). Where none is configured nor stored, a random one is made and returned,
 * so that it can be shown once; else null.
 */
export async function ensurePassword(stateDir: string, configured: string | null): Promise<string | null> {
  const file = passwordFile(stateDir);
  const known = await readStateFile(file, stored);
  if (configured !== null) {
    if (known !== null && (await matches(known, configured))) return null;
    // Sessions first: a crash in between leaves the old password, and the next start comes here again.
    if (known !== null) await endAllSessions(stateDir);
    await writeStateFile(file, await hashPassword(configured));
    return null;
  }
  if (known !== null) return null;
  const generated = readablePassword();
  await writeStateFile(file, await hashPassword(generated));
  return generated;
}

/** Makes `next` the password; who had signed in with the old one is to be signed out first. */
export async function setPassword(stateDir: string, next: string): Promise<void> {
  await writeStateFile(passwordFile(stateDir), await hashPassword(next));
}

/** Whether `candidate` is the password. */
export async function isPassword(stateDir: string, candidate: string): Promise<boolean> {
  const known = await readStateFile(passwordFile(stateDir), stored);
  if (known === null)
    throw new Failure("config", "no password is set", {
      hint: "set DAVIT_PASSWORD, or restart Davit to get a new one",
    });
  return await matches(known, candidate);
}

function passwordFile(stateDir: string): string {
  return path.join(stateDir, "password.json");
}

async function hashPassword(password: string): Promise<Stored> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, parameters);
  return {
    format: 1,
    algorithm: "scrypt",
    ...parameters,
    salt: salt.toString("base64"),
    hash: hash.toString("base64"),
  };
}

async function matches(known: Stored, candidate: string): Promise<boolean> {
  const hash = Buffer.from(known.hash, "base64");
  const derived = await derive(candidate, Buffer.from(known.salt, "base64"), known);
  return hash.length === derived.length && timingSafeEqual(hash, derived);
}

function derive(password: string, salt: Buffer, cost: Pick<Stored, keyof typeof parameters>): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = {
    cost: cost.cost,
    blockSize: cost.blockSize,
    parallelization: cost.parallelization,
    // scrypt needs 128 * cost * blockSize bytes; Node's own limit is just below that.
    maxmem: 256 * cost.cost * cost.blockSize,
  };
  scrypt(password.normalize("NFKC"), salt, hashBytes, options, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}

// Without letters and digits that look alike; 20 of 32 are 100 bits.
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

function readablePassword(): string {
  const letters = Array.from(randomBytes(20), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
  return letters.replace(/(.{5})(?!$)/gu, "$1-");
}
