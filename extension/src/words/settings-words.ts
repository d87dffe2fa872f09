/** Texts of the settings. */
export const settingsWords = {
  settings: {
    title: "Settings",
    doctor: "What is wrong with this host",
    doctorGood: "Nothing is wrong.",
    config: "Effective configuration",
    configNone: "none",
    configHelp:
      "From the environment, davit.yaml and defaults. Secrets are left out. It is changed where it comes from.",
    tokens: "API tokens",
    tokensHelp: "For scripts and dashboards. A token may do all that you may, but make no tokens.",
    tokenName: "What it is for",
    make: "Make a token",
    revoke: "Revoke",
    revokeTitle: (name: string) => `Revoke the token ${name}?`,
    revokeHelp: "Whatever uses it is refused from then on.",
    made: (date: string) => `made ${date}`,
    once: "Copy it now: it is shown this once.",
    noTokens: "There is none.",
    password: "Password",
    current: "Current password",
    next: "New password",
    nextHelp: "At least 10 characters. Everybody who is signed in elsewhere is signed out.",
    change: "Change the password",
    changed: "The password was changed.",
  },
} as const;
