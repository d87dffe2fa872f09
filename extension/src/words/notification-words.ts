/** Texts of how people are told of problems. */
export const notificationWords = {
  notifications: {
    title: "Notifications",
    channels: "Who is told",
    when: {
      problems: "Told when a backup, a verification or a drill fails, and once when it is well again.",
      all: "Told when a backup, a verification or a drill fails, when it is well again, and of each one that went well.",
      off: "Nothing is told: `DAVIT_NOTIFY` is `off`. A test is sent all the same.",
    },
    reaches: {
      email: (to: string) => `E-mail to ${to}`,
      telegram: (to: string) => `Telegram, ${to}`,
      webhook: (to: string) => `Webhook at ${to}`,
    },
    test: "Send a test",
    taken: (answer: string) => `Sent. It answered: ${answer}`,
    none: "Nobody is told of problems but who looks here. Give Davit's container the lines of one of these, start it again, and send a test. Each secret can be a file as well (`DAVIT_SMTP_URL_FILE`): docs/notifications.md.",
    notInDesktop: "Docker Desktop's extension has no place for such settings yet: problems show here alone.",
    lines: "Lines of compose YAML",
    copy: "Copy the lines",
    example: `environment:
  # e-mail
  DAVIT_SMTP_URL: smtp://USER:PASSWORD@mail.example.org:587
  DAVIT_MAIL_FROM: davit@example.org
  DAVIT_MAIL_TO: you@example.org
  # Telegram
  DAVIT_TELEGRAM_TOKEN: 123456:TOKEN
  DAVIT_TELEGRAM_CHAT: "123456789"
  # webhook
  DAVIT_WEBHOOK_URL: https://hooks.example.org/davit
`,
  },
} as const;
