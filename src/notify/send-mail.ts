import type { Config } from "../config/config.ts";
import type { Message } from "../contract/notification.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { tame } from "./plain-text.ts";

type Mail = NonNullable<Config["notify"]["email"]>;

/** For each step that the server takes, and for all of them together. */
const stepMs = 10_000;
const wholeMs = 30_000;

/**
 * Sends a message over SMTP (RFC 5321; TLS from the start, or STARTTLS by RFC 3207, without which no password is sent) and gives the
 * server's answer. The certificate has to be valid where TLS is not a mere extra: from the start, or with a password.
 */
export async function sendMail({ server, from, to }: Mail, message: Message, signal: AbortSignal): Promise<string> {
  const { host, port, secure, user, password } = server;
  // Loaded when it is asked for: most verbs send nothing.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: password !== null,
    ...(user !== null && password !== null && { auth: { user, pass: password } }),
    // A relay in the house often has a certificate of its own making; without TLS, it would be told the same in the open.
    ...(password === null && !secure && { tls: { rejectUnauthorized: false } }),
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    dnsTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const limit = AbortSignal.timeout(wholeMs);
  try {
    const sent = await transport.sendMail({
      from: { name: "Davit", address: from },
      to,
      subject: message.title,
      text: message.text,
      date: new Date(message.at),
      // Holidays are not answered to a program (RFC 3834).
      headers: { "Auto-Submitted": "auto-generated" },
      signal: AbortSignal.any([signal, limit]),
    });
    const refused = sent.rejected.map(String);
    return tame(sent.response) + (refused.length === 0 ? "" : `; refused for ${refused.join(", ")}`);
  } catch (thrown) {
    if (signal.aborted) throw new Failure("cancelled", "cancelled", { cause: thrown });
    throw describe(thrown, server);
  } finally {
    transport.close();
  }
}

function describe(thrown: unknown, { host, port, password }: Mail["server"]): Failure {
  const place = `${host}:${port}`;
  const code = errorCode(thrown) ?? "";
  const answer = property(thrown, "response");
  const own = thrown instanceof Error ? thrown.message : String(thrown);
  const full = typeof answer === "string" && answer !== "" ? answer : own;
  const said = tame(full.replaceAll(password ?? "\0", "…"));
  const status = property(thrown, "responseCode");
  // 4xx is for now, 5xx for good (RFC 5321, 4.2.1).
  const isPassing = typeof status === "number" && status >= 400 && status < 500;
  if (isPassing && code !== "EAUTH")
    return new Failure("unreachable", `the mail server ${place} takes no mail now: ${said}`, {
      hint: "try again later",
    });
  if (code === "EAUTH" || code === "ENOAUTH")
    return new Failure("config", `the mail server ${place} refused user name or password: ${said}`, {
      hint: "look at DAVIT_SMTP_URL; many providers want a password made for one app",
    });
  if (code === "EENVELOPE" || code === "EMESSAGE")
    return new Failure("config", `the mail server ${place} refused the mail: ${said}`, {
      hint: "look at DAVIT_MAIL_FROM and DAVIT_MAIL_TO",
    });
  if (code === "ETLS" || /certificate|STARTTLS|wrong version number/iu.test(said))
    return new Failure("config", `no safe connection to the mail server ${place}: ${said}`, {
      hint: "smtps:// is for TLS from the start (port 465), smtp:// for STARTTLS (587); NODE_EXTRA_CA_CERTS names a file with a CA of your own",
    });
  if (code === "EDNS" || code === "ECONNECTION" || code === "ETIMEDOUT" || code === "ESOCKET" || code === "EABORT")
    return new Failure("unreachable", `the mail server ${place} does not answer: ${said}`, {
      hint: "look whether Davit's container reaches the host and port in DAVIT_SMTP_URL",
    });
  return new Failure("failed", `the mail server ${place} took no mail: ${said}`, { hint: "look at DAVIT_SMTP_URL" });
}

function property(thrown: unknown, name: string): unknown {
  return typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, name) : undefined;
}
