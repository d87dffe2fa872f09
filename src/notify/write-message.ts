import type { Message, NewsItem } from "../contract/notification.ts";
import type { RunSummary } from "../contract/run-event.ts";
import { wallClock } from "../contract/wall-clock.ts";
import type { News } from "./decide-news.ts";
import type { Subject, Trouble, TroubleState } from "./find-troubles.ts";
import { tame } from "./plain-text.ts";

export interface Letterhead {
  host: string;
  /** Where the panel is; null where nobody said. */
  panel: string | null;
  timezone: string;
  now: Date;
}

/** More is in the panel. */
const mostItems = 25;

/** The news as people read them: what, which module, why, what to do next. Plain text; what came from elsewhere is tamed. */
export function writeMessage(news: News, head: Letterhead): Message {
  const { host, panel, now } = head;
  const problems = [
    ...news.begun.map((one) => item(one, "problem")),
    ...news.still.map((one) => item(one, "reminder")),
  ];
  const since = new Map(news.still.map((one) => [`${one.module}/${one.subject}`, wallTime(one.since, head)]));
  const over = news.over.map(({ module, subject }): NewsItem => {
    return { module, subject, news: "well", text: `${module}: ${wellAgain[subject]}` };
  });
  const done = news.done.map((run): NewsItem => {
    return { module: run.module, subject: run.kind, news: "done", text: `${run.module}: ${went(run)}` };
  });
  const items = [...problems, ...over, ...done];
  const shown = items.slice(0, mostItems).map((one) => paragraph(one, since.get(`${one.module}/${one.subject}`)));
  const more = items.length - shown.length;
  const parts = [
    ...shown,
    ...(more > 0 ? [`… and ${more} more: \`davit modules\` has them all.`] : []),
    ...(panel === null ? [] : [`The panel: ${panel}`]),
  ];
  return {
    title: title(host, problems, over, done),
    text: `${parts.join("\n\n")}\n`,
    host,
    at: now.toISOString(),
    items,
  };
}

/** What shows that a channel works. */
export function writeTestMessage({ host, panel, now }: Letterhead): Message {
  const parts = [
    "This is a test. Davit tells you here when a backup, a verification or a drill fails, and when it is well again.",
    ...(panel === null ? [] : [`The panel: ${panel}`]),
  ];
  return { title: `Davit on ${host}: a test`, text: `${parts.join("\n\n")}\n`, host, at: now.toISOString(), items: [] };
}

function item({ module, subject, state, because, hint }: Trouble, kind: "problem" | "reminder"): NewsItem {
  const advice = hint ?? advices[state]?.(module);
  return {
    module,
    subject,
    news: kind,
    text: `${module} ${says[state] ?? "wants a look"}`,
    ...(because !== undefined && { because: tame(because) }),
    ...(advice !== undefined && { hint: tame(advice) }),
  };
}

function paragraph({ text, because, hint }: NewsItem, since: string | undefined): string {
  return [
    text + (since === undefined ? "" : `, still (first told ${since})`),
    ...(because === undefined ? [] : [`  why: ${because}`]),
    ...(hint === undefined ? [] : [`  to do: ${hint}`]),
  ].join("\n");
}

function title(host: string, ...[problems, over, done]: (readonly NewsItem[])[]): string {
  const about = (items: readonly NewsItem[] = [], many: (count: number) => string): string | null => {
    const modules = new Set(items.map((one) => one.module));
    const [first] = items;
    if (first === undefined) return null;
    return modules.size === 1 && items.length === 1 ? first.text.replace(": ", " ") : many(modules.size);
  };
  const modules = (count: number): string => (count === 1 ? "one module" : `${count} modules`);
  const what =
    about(problems, (count) => `${modules(count)} ${count === 1 ? "needs" : "need"} a look`) ??
    about(over, (count) => `${modules(count)} ${count === 1 ? "is" : "are"} well again`) ??
    about(done, () => `${done?.length ?? 0} runs went well`);
  return `Davit on ${tame(host, 100)}: ${what ?? "news"}`;
}

function wallTime(instant: string, { timezone }: Letterhead): string {
  return new Date(wallClock(timezone)(new Date(instant))).toISOString().slice(0, 16).replace("T", " ");
}

function went({ kind, backup }: RunSummary): string {
  const names: Readonly<Record<string, string>> = { backup: "backed up", verify: "verified", drill: "drilled" };
  return `${names[kind] ?? kind}${backup === null ? "" : ` (${backup})`}`;
}

const says: Partial<Record<TroubleState, string>> = {
  "not-usable": "can't be backed up as it is set up",
  "lost-data": "may have lost data",
  "run-failed": "was not backed up",
  "run-interrupted": "was not backed up: the run was cut off",
  "none-usable": "has no backup that can be used",
  "newest-unusable": "has a newest backup that can't be used",
  overdue: "has a backup that is overdue",
  damaged: "has a damaged backup, the newest",
  "older-damaged": "has a damaged backup, an older one",
  "drill-failed": "did not pass its drill",
  "not-verified": "has a backup that could not be verified",
  "not-drilled": "could not be drilled",
};

const advices: Partial<Record<TroubleState, (module: string) => string>> = {
  "lost-data": (module) =>
    `look whether the data is as it should be; older backups are kept until you say so with \`davit ack ${module}\``,
  "run-failed": (module) => `see what happened with \`davit runs ${module}\`, then \`davit backup ${module}\``,
  "run-interrupted": (module) => `Davit or its host went down in the middle: \`davit backup ${module}\``,
  "none-usable": (module) => `back it up now: \`davit backup ${module}\``,
  "newest-unusable": (module) => `back it up now: \`davit backup ${module}\``,
  overdue: (module) => `see what it waits for with \`davit runs ${module}\` and \`davit doctor\``,
  damaged: (module) => `back it up now, \`davit backup ${module}\`, and look at the disk; restore from an older one`,
  "older-damaged": () => "it can't be restored, newer ones are whole: look at the disk",
  "drill-failed": (module) => `\`davit drill ${module}@latest\` shows what its containers print`,
  "not-verified": (module) => `see what happened with \`davit runs ${module}\``,
  "not-drilled": (module) => `see what happened with \`davit runs ${module}\``,
};

const wellAgain: Readonly<Record<Subject, string>> = {
  settings: "its settings are in order again",
  backup: "backed up again",
  verification: "no damaged backup any more",
  drill: "passes its drill again",
  data: "the seeming loss of data was answered",
};
