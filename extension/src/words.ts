import { backupWords } from "./words/backup-words.ts";
import { machineWords } from "./words/machine-words.ts";
import { moduleWords } from "./words/module-words.ts";
import { notificationWords } from "./words/notification-words.ts";
import { overviewWords } from "./words/overview-words.ts";
import { runWords } from "./words/run-words.ts";
import { settingsWords } from "./words/settings-words.ts";

/** Every text of the panel, in English, in one place. Functions take what is put into a text. */
export const words = {
  product: "Davit",
  nav: {
    label: "Views",
    overview: "Overview",
    activity: "Activity",
    machines: "Machines",
    shares: "Shares",
    copies: "Copies",
    settings: "Settings",
    signOut: "Sign out",
    skip: "Skip to content",
    above: "Where this lies",
  },
  failures: {
    status: (status: number) => `Davit answered with status ${status} and no explanation`,
    unreachable: "Davit does not answer",
    unreachableHint: "see whether its container runs; this page tries again by itself",
    noBackend: "This extension's backend is not running",
    retry: "Try again",
    broken: {
      title: "This page can't be shown",
      help: "Something in the panel broke. Davit itself goes on: backups are made at their times. Reload the page; if that does not help, the details say what happened.",
      reload: "Reload",
      copyDetails: "Copy the details",
    },
    notFound: "There is no such page",
    backToOverview: "Back to the overview",
  },
  signIn: {
    title: "Sign in",
    password: "Password",
    submit: "Sign in",
    help: "Davit wrote its first password to its log, unless DAVIT_PASSWORD set one.",
    show: "Show password",
    hide: "Hide password",
  },
  loading: "Loading",
  instants: {
    now: "now",
    yesterday: "yesterday",
    tomorrow: "tomorrow",
    past: (amount: string) => `${amount} ago`,
    ahead: (amount: string) => `in ${amount}`,
  },
  common: {
    cancel: "Cancel",
    close: "Close",
    copy: "Copy",
    copied: "Copied",
    none: "none",
    never: "never",
    utc: (text: string) => `${text} UTC`,
  },
  ...overviewWords,
  ...moduleWords,
  ...backupWords,
  ...runWords,
  ...machineWords,
  ...notificationWords,
  ...settingsWords,
} as const;
