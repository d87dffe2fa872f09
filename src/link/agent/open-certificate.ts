import { createHash, X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { generate } from "selfsigned";
import { writeDurably } from "../../durable/write-durably.ts";
import { errorCode, Failure } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";

/** What the agent shows of itself. */
export interface Certificate {
  /** PEM. */
  key: string;
  cert: string;
  /** SHA-256 of the certificate (DER), in hex: what a sidecar pins. */
  fingerprint: string;
}

/** Sidecars pin the certificate itself, so that it need not end; a new one would unpair them all. */
const goodUntil = new Date("2999-12-31T00:00:00Z");

/**
 * The agent's certificate and key, `<state>/link/certificate.pem`, readable by its owner alone: made at the first call, the same ever
 * after. A file that holds none is a `damaged` Failure, since one made up anew would unpair every sidecar.
 */
export async function openCertificate(state: string): Promise<Certificate> {
  const file = path.join(state, "link", "certificate.pem");
  try {
    return parse((await readIfThere(file)) ?? (await make(file)), file);
  } catch (thrown) {
    throw storageFailure(`can't read or make the certificate ${file}`, thrown);
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

async function make(file: string): Promise<string> {
  const made = await generate([{ name: "commonName", value: "davit agent" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: goodUntil,
  });
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const text = `${made.private.trim()}\n${made.cert.trim()}\n`;
  await writeDurably(file, text);
  return text;
}

function parse(text: string, file: string): Certificate {
  const [key, cert] = ["PRIVATE KEY", "CERTIFICATE"].map(
    (kind) => new RegExp(`-----BEGIN ${kind}-----[^-]+-----END ${kind}-----\n`, "u").exec(text)?.[0],
  );
  try {
    if (key === undefined || cert === undefined) throw new Error("it has no key, or no certificate");
    return { key, cert, fingerprint: createHash("sha256").update(new X509Certificate(cert).raw).digest("hex") };
  } catch (cause) {
    throw new Failure("damaged", `${file} holds no key with its certificate`, {
      hint: "put it back from a backup; or remove it, restart the agent, and pair each sidecar again (`davit agent pair`)",
      cause,
    });
  }
}
