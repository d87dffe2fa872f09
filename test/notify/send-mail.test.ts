import { expect, it } from "vitest";
import type { Message } from "../../src/contract/notification.ts";
import { sendMail } from "../../src/notify/send-mail.ts";
import { type MailServer, startMailServer, startSilentServer } from "../fixtures/notify/mail-server.ts";

const message: Message = {
  title: "Davit on docker1: nas was not backed up – für wahr",
  text: "nas was not backed up\n  why: <b>the cellar</b> is flooded\n",
  host: "docker1",
  at: "2026-11-22T02:00:00.000Z",
  items: [],
};
const never = new AbortController().signal;

function mailTo(port: number, to = ["me@example.org"]) {
  return {
    server: { host: "127.0.0.1", port, secure: false, user: null, password: null },
    from: "davit@example.org",
    to,
  };
}

it("a mail arrives as plain text, with sender, recipients and a subject in any language", async () => {
  const server = await startMailServer({ plain: true });
  const answer = await sendMail(mailTo(server.port, ["me@example.org", "you@example.org"]), message, never);
  expect(answer).toContain("queued as 4711");
  const [mail] = server.mails;
  expect(mail).toMatchObject({ from: "davit@example.org", to: ["me@example.org", "you@example.org"], secure: false });
  expect(mail?.raw).toContain("From: Davit <davit@example.org>");
  expect(mail?.raw).toMatch(/^Subject: =\?UTF-8\?/mu);
  expect(mail?.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8/mu);
  expect(mail?.raw).toContain("Auto-Submitted: auto-generated");
  expect(mail?.raw).toContain("<b>the cellar</b> is flooded");
});

it("a relay that wants no password is sent mail over the TLS that it offers, whoever made its certificate", async () => {
  const server = await startMailServer();
  await sendMail(mailTo(server.port), message, never);
  expect(server.mails).toMatchObject([{ secure: true, user: null }]);
  const strict = await startMailServer({ secure: true });
  const mail = mailTo(strict.port);
  await expect(
    sendMail({ ...mail, server: { ...mail.server, host: "localhost", secure: true } }, message, never),
  ).rejects.toMatchObject({ kind: "config", message: expect.stringContaining("no safe connection") });
  expect(strict.mails).toEqual([]);
});

it("a title with a line end in it makes no header of its own", async () => {
  const server = await startMailServer({ plain: true });
  await sendMail(mailTo(server.port), { ...message, title: "nas\r\nBcc: victim@example.org" }, never);
  expect(server.mails[0]?.to).toEqual(["me@example.org"]);
  expect(server.mails[0]?.raw).not.toMatch(/^Bcc:/mu);
});

it("a recipient who is refused is named; where nobody is left, nothing was sent", async () => {
  const server = await startMailServer({ plain: true });
  server.refused.add("gone@example.org");
  const answer = await sendMail(mailTo(server.port, ["gone@example.org", "me@example.org"]), message, never);
  expect(answer).toContain("refused for gone@example.org");
  expect(server.mails[0]?.to).toEqual(["me@example.org"]);
  await expect(sendMail(mailTo(server.port, ["gone@example.org"]), message, never)).rejects.toMatchObject({
    kind: "config",
    message: expect.stringContaining("no such user here"),
    hint: "look at DAVIT_MAIL_FROM and DAVIT_MAIL_TO",
  });
});

it("a server that is gone is told with its place", async () => {
  const server: MailServer = await startMailServer({ plain: true });
  await server.close();
  await expect(sendMail(mailTo(server.port), message, never)).rejects.toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining(`the mail server 127.0.0.1:${server.port} does not answer`),
  });
});

it("a server that says nothing is given up, and at once where that is wished", async () => {
  const port = await startSilentServer();
  const stop = new AbortController();
  const broken = sendMail(mailTo(port), message, stop.signal);
  stop.abort();
  await expect(broken).rejects.toMatchObject({ kind: "cancelled" });
  await expect(sendMail(mailTo(port), message, never)).rejects.toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("does not answer"),
  });
});

it("no password is sent to a server that offers no TLS", async () => {
  const login = { user: "davit", password: "open sesame" };
  const server = await startMailServer({ plain: true, login });
  const mail = mailTo(server.port);
  await expect(sendMail({ ...mail, server: { ...mail.server, ...login } }, message, never)).rejects.toMatchObject({
    kind: "config",
    message: expect.stringContaining("no safe connection"),
  });
  expect(server.mails).toEqual([]);
});
