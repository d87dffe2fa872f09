import { expect, it } from "vitest";
import type { News } from "../../src/notify/decide-news.ts";
import type { Trouble } from "../../src/notify/find-troubles.ts";
import { writeMessage, writeTestMessage } from "../../src/notify/write-message.ts";
import { endedRun } from "../fixtures/notify/overview-module.ts";

const head = {
  host: "docker1",
  panel: "https://davit.lan/",
  timezone: "Europe/Berlin",
  now: new Date("2026-11-23T08:00:00Z"),
};
const silent: News = { begun: [], still: [], over: [], done: [] };
const failed: Trouble = {
  module: "nas",
  subject: "backup",
  state: "run-failed",
  because: "davit.exec.hold of nas-app-1 ended with exit code 3",
  hint: "see what it printed: `davit runs nas`",
};

it("says what, which module, why, what to do next, since when, and where the panel is", () => {
  const { title, text, items } = writeMessage(
    {
      begun: [failed, { module: "wiki", subject: "data", state: "lost-data", because: "there are 2 entries" }],
      still: [{ module: "mail", subject: "backup", state: "overdue", since: "2026-11-22T02:00:00.000Z" }],
      over: [{ module: "git", subject: "drill" }],
      done: [endedRun("backup", "photos", "2026-11-22T02:00:00.000Z", "ok")],
    },
    head,
  );
  expect(title).toBe("Davit on docker1: 3 modules need a look");
  expect(text).toBe(`nas was not backed up
  why: davit.exec.hold of nas-app-1 ended with exit code 3
  to do: see what it printed: \`davit runs nas\`

wiki may have lost data
  why: there are 2 entries
  to do: look whether the data is as it should be; older backups are kept until you say so with \`davit ack wiki\`

mail has a backup that is overdue, still (first told 2026-11-22 03:00)
  to do: see what it waits for with \`davit runs mail\` and \`davit doctor\`

git: passes its drill again

photos: backed up (photos/20261122T020000Z)

The panel: https://davit.lan/
`);
  expect(items.map((one) => one.news)).toEqual(["problem", "problem", "reminder", "well", "done"]);
});

it.each<[Partial<News>, string]>([
  [{ begun: [failed] }, "nas was not backed up"],
  [{ begun: [failed, { ...failed, subject: "drill", state: "drill-failed" }] }, "one module needs a look"],
  [{ over: [{ module: "nas", subject: "backup" }] }, "nas backed up again"],
  [
    {
      over: [
        { module: "nas", subject: "backup" },
        { module: "wiki", subject: "backup" },
      ],
    },
    "2 modules are well again",
  ],
  [{ done: [endedRun("backup", "nas", "2026-11-22T02:00:00.000Z", "ok")] }, "nas backed up (nas/20261122T020000Z)"],
])("has a title that says it all, or how much there is", (news, title) => {
  expect(writeMessage({ ...silent, ...news }, head).title).toBe(`Davit on docker1: ${title}`);
});

it("tames what came from elsewhere: line ends, hidden characters, length", () => {
  const because = `a\r\n\u0000b\u202Egnp.exe\u2028${"😀".repeat(5000)}`;
  const { text } = writeMessage(
    { ...silent, begun: [{ ...failed, because, hint: undefined }] },
    { ...head, panel: null },
  );
  const lines = text.split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^ {2}why: a b gnp\.exe 😀+…$/u);
  expect(text.length).toBeLessThan(700);
  expect(text.isWellFormed()).toBe(true);
});

it("is cut where a whole host fails, and says that there is more", () => {
  const begun = Array.from({ length: 200 }, (_, at) => ({ ...failed, module: `m${at}` }));
  const { title, text, items } = writeMessage({ ...silent, begun }, head);
  expect(title).toBe("Davit on docker1: 200 modules need a look");
  expect(text).toContain("… and 175 more");
  expect(items).toHaveLength(200);
});

it("a test says that it is one", () => {
  const { title, text, items } = writeTestMessage(head);
  expect(title).toBe("Davit on docker1: a test");
  expect(text).toContain("https://davit.lan/");
  expect(items).toEqual([]);
});
