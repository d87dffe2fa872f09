import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { printableConfig } from "../../src/config/printable-config.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const mail = { DAVIT_MAIL_FROM: "davit@example.org", DAVIT_MAIL_TO: "me@example.org, you@example.org" };

describe("notifications", () => {
  it("are set up by the environment", () => {
    const { notify, publicUrl } = loadConfig({
      ...mail,
      DAVIT_NOTIFY: "all",
      DAVIT_SMTP_URL: "smtp://me%40example.org:p%3Aa%2Fss@mail.example.org",
      DAVIT_TELEGRAM_TOKEN: "123:ABC",
      DAVIT_TELEGRAM_CHAT: "-100123",
      DAVIT_WEBHOOK_URL: "https://hooks.example.org/x?t={{.title}}",
      DAVIT_PUBLIC_URL: "https://davit.lan",
    });
    expect(notify).toEqual({
      when: "all",
      email: {
        server: { host: "mail.example.org", port: 587, secure: false, user: "me@example.org", password: "p:a/ss" },
        from: "davit@example.org",
        to: ["me@example.org", "you@example.org"],
      },
      telegram: { token: "123:ABC", chat: "-100123", api: "https://api.telegram.org" },
      webhook: "https://hooks.example.org/x?t={{.title}}",
    });
    expect(publicUrl).toBe("https://davit.lan/");
  });

  it.each([
    ["smtps://mail.example.org", { host: "mail.example.org", port: 465, secure: true, user: null, password: null }],
    ["smtp://[::1]:2525", { host: "::1", port: 2525, secure: false, user: null, password: null }],
  ])("take the mail server %s", (url, server) => {
    expect(loadConfig({ ...mail, DAVIT_SMTP_URL: url }).notify.email?.server).toEqual(server);
  });

  it("are set up by davit.yaml below `notify`, and by secrets in files", async () => {
    const folder = await scratchFolder();
    const yaml = join(folder, "davit.yaml");
    const secret = join(folder, "smtp");
    await writeFile(secret, "smtps://me:secret@mail.lan\n");
    await writeFile(
      yaml,
      "notify:\n  when: all\n  mailFrom: d@example.org\n  mailTo: [a@example.org, b@example.org]\npublicUrl: http://davit.lan:8080\n",
    );
    const { notify, publicUrl } = loadConfig({ DAVIT_SMTP_URL_FILE: secret, DAVIT_NOTIFY: "problems" }, yaml);
    expect(notify).toMatchObject({
      when: "problems",
      email: { from: "d@example.org", to: ["a@example.org", "b@example.org"], server: { password: "secret" } },
    });
    expect(publicUrl).toBe("http://davit.lan:8080/");
    await writeFile(yaml, "notify:\n  mailTwo: a@example.org\n");
    expect(() => loadConfig({}, yaml)).toThrow(
      expect.objectContaining({
        message: `${yaml}:2:3: unknown key notify.mailTwo`,
        hint: "did you mean notify.mailTo?",
      }),
    );
    await writeFile(yaml, "notify: problems\n");
    expect(() => loadConfig({}, yaml)).toThrow("notify must be keys with values");
    await writeFile(secret, "x");
    expect(() => loadConfig({ DAVIT_SMTP_URL: "smtp://h", DAVIT_SMTP_URL_FILE: secret })).toThrow(
      "both DAVIT_SMTP_URL and DAVIT_SMTP_URL_FILE are set",
    );
  });

  it.each<[Record<string, string>, string]>([
    [mail, "DAVIT_MAIL_FROM and DAVIT_MAIL_TO without DAVIT_SMTP_URL"],
    [{ DAVIT_SMTP_URL: "smtp://h" }, "DAVIT_SMTP_URL without DAVIT_MAIL_FROM and DAVIT_MAIL_TO"],
    [{ DAVIT_TELEGRAM_TOKEN: "1:hunter2" }, "DAVIT_TELEGRAM_TOKEN without DAVIT_TELEGRAM_CHAT"],
    [{ DAVIT_TELEGRAM_CHAT: "1" }, "DAVIT_TELEGRAM_CHAT without DAVIT_TELEGRAM_TOKEN"],
    [{ DAVIT_NOTIFY: "always" }, 'DAVIT_NOTIFY is "always"'],
    [{ DAVIT_MAIL_TO: "Me <me@example.org>" }, "DAVIT_MAIL_TO is"],
    [{ DAVIT_MAIL_FROM: "me" }, "DAVIT_MAIL_FROM is"],
    [{ DAVIT_TELEGRAM_CHAT: "my group" }, "DAVIT_TELEGRAM_CHAT is"],
    [{ DAVIT_TELEGRAM_API: "ftp://x" }, "DAVIT_TELEGRAM_API is"],
    [{ DAVIT_PUBLIC_URL: "javascript:alert(1)" }, "DAVIT_PUBLIC_URL is"],
    [{ DAVIT_SMTP_URL: "https://me:hunter2@h", ...mail }, "DAVIT_SMTP_URL is not the address of a mail server"],
    [{ DAVIT_SMTP_URL: "smtp://me:hunter#2@h", ...mail }, "DAVIT_SMTP_URL is not the address of a mail server"],
    [{ DAVIT_SMTP_URL: "smtp://hunter2@h", ...mail }, "DAVIT_SMTP_URL has a user name without a password"],
    [{ DAVIT_SMTP_URL: "smtp://me:hunter2%@h", ...mail }, "DAVIT_SMTP_URL has a % that begins no character"],
    [{ DAVIT_TELEGRAM_TOKEN: "hunter2", DAVIT_TELEGRAM_CHAT: "1" }, "DAVIT_TELEGRAM_TOKEN is not a bot's token"],
    [{ DAVIT_WEBHOOK_URL: "hunter2" }, "DAVIT_WEBHOOK_URL is not an address"],
  ])("that can't work are an error that has no secret in it: %j", (environment, message) => {
    const wrong = {
      kind: "config",
      message: expect.stringMatching(new RegExp(`^(?!.*hunter)${message}`, "u")),
      hint: expect.not.stringContaining("hunter"),
    };
    expect(() => loadConfig(environment)).toThrow(expect.objectContaining(wrong));
  });

  it("are printed without their secrets", () => {
    const printed = printableConfig(
      loadConfig({
        ...mail,
        DAVIT_SMTP_URL: "smtps://me:hunter2@mail.lan",
        DAVIT_TELEGRAM_TOKEN: "1:hunter2",
        DAVIT_TELEGRAM_CHAT: "1",
        DAVIT_WEBHOOK_URL: "https://me:hunter2@hooks.lan/hunter2",
      }),
    );
    expect(JSON.stringify(printed)).not.toContain("hunter2");
    expect(printed.notify).toEqual({
      when: "problems",
      smtp: "smtps://mail.lan:465",
      mailFrom: "davit@example.org",
      mailTo: ["me@example.org", "you@example.org"],
      telegramToken: "set",
      telegramChat: "1",
      telegramApi: "https://api.telegram.org",
      webhook: "set",
    });
  });
});
