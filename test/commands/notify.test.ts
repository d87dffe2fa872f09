import { expect, it } from "vitest";
import { DavitProgram } from "../fixtures/davit-program.ts";
import { chat, startBotApi, token } from "../fixtures/notify/bot-api.ts";
import { type MailServer, type MailServerOptions, startMailServer } from "../fixtures/notify/mail-server.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const login = { user: "davit", password: "open sesame" };

interface Scene {
  davit: DavitProgram;
  server: MailServer;
}

/** A davit that sends its mail over a server of ours, whose certificate it trusts. */
async function open(options: MailServerOptions, scheme: string): Promise<Scene> {
  const server = await startMailServer({ login, ...options });
  const davit = await DavitProgram.in(await scratchFolder(), {
    DAVIT_SMTP_URL: `${scheme}://davit:open%20sesame@localhost:${server.port}`,
    DAVIT_MAIL_FROM: "davit@example.org",
    DAVIT_MAIL_TO: "me@example.org",
    NODE_EXTRA_CA_CERTS: server.ca,
  });
  return { davit, server };
}

it.each<[string, MailServerOptions]>([
  ["smtps", { secure: true }],
  ["smtp", {}],
])("a test mail goes over %s with user and password, which nobody overhears", async (scheme, options) => {
  const { davit, server } = await open(options, scheme);
  const { code, stdout } = await davit.run("notify", "test");
  expect(stdout).toMatch(/^ok {6}email {5}to me@example\.org: 250 /u);
  expect(code).toBe(0);
  expect(server.mails).toMatchObject([{ to: ["me@example.org"], secure: true, user: "davit" }]);
  expect(server.mails[0]?.raw).toContain(": a test");
});

it("a wrong password is said with what the server says, and shown nowhere", async () => {
  const { davit, server } = await open({}, "smtp");
  davit.environment["DAVIT_SMTP_URL"] = `smtp://davit:hunter2@localhost:${server.port}`;
  const { code, stdout, stderr } = await davit.run("notify", "test");
  expect(code).toBe(3);
  expect(stdout).toContain("refused user name or password: 535 authentication failed");
  expect(stdout).toContain("hint: look at DAVIT_SMTP_URL");
  expect(stdout + stderr).not.toContain("hunter2");
  expect(server.mails).toEqual([]);
});

it("a certificate that nobody vouches for is refused, before the password is sent", async () => {
  const { davit, server } = await open({ secure: true }, "smtps");
  delete davit.environment["NODE_EXTRA_CA_CERTS"];
  const { code, stdout } = await davit.run("notify", "test", "email");
  expect(stdout).toMatch(/no safe connection to the mail server localhost:\d+: self.signed certificate/u);
  expect(code).toBe(3);
  expect(server.mails).toEqual([]);
});

it("every channel has its own answer, and one alone can be asked", async () => {
  const api = await startBotApi();
  const { davit, server } = await open({}, "smtp");
  server.refused.add("me@example.org");
  Object.assign(davit.environment, {
    DAVIT_TELEGRAM_TOKEN: token,
    DAVIT_TELEGRAM_CHAT: chat,
    DAVIT_TELEGRAM_API: api.url,
  });
  const both = await davit.run("notify", "test", "--json");
  expect(both.code).toBe(3);
  expect(JSON.parse(both.stdout)).toMatchObject([
    { name: "email", answer: null, failure: { kind: "config", message: expect.stringContaining("no such user here") } },
    { name: "telegram", to: `chat ${chat}`, answer: "message 1", failure: null },
  ]);
  const one = await davit.run("notify", "test", "telegram");
  expect(one.code).toBe(0);
  expect(api.texts).toHaveLength(2);
  const none = await davit.run("notify", "test", "webhook");
  expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("webhook is not set up")]);
});

it("a call that makes no sense says what does", async () => {
  const davit = await DavitProgram.in(await scratchFolder());
  for (const [words, code, said] of [
    [[], 2, "notify wants the word test"],
    [["test", "pigeon"], 2, "there is no channel pigeon"],
    [["test"], 3, "no notifications are set up"],
  ] as const) {
    const { code: got, stderr } = await davit.run("notify", ...words);
    expect([got, stderr]).toEqual([code, expect.stringContaining(said)]);
  }
});
