import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/contract/run-event.ts";
import { decideNews, isSilent, type Memory, type News } from "../../src/notify/decide-news.ts";
import type { Trouble } from "../../src/notify/find-troubles.ts";
import { endedRun } from "../fixtures/notify/overview-module.ts";

const nothing: Memory = { told: {}, runsUntil: null };
const start = Date.parse("2026-11-22T02:00:00Z");
const hourMs = 3_600_000;

interface Moment {
  troubles?: Trouble[];
  open?: string[];
  names?: string[];
  runs?: RunSummary[];
  all?: boolean;
}

/** One moment after another, an hour apart unless an hour is given; what is told in each. */
function story(...moments: (Moment & { hour?: number })[]): string[][] {
  let memory = nothing;
  return moments.map(({ troubles = [], open = [], names = ["nas", "wiki"], runs = [], all = false, hour }, at) => {
    const { news, after } = decideNews(memory, {
      troubles: { found: troubles, open: new Set(open), names: new Set(names) },
      runs,
      all,
      now: new Date(start + (hour ?? at) * hourMs),
    });
    memory = after;
    expect(isSilent(news)).toBe(told(news).length === 0);
    return told(news);
  });
}

function told({ begun, still, over, done }: News): string[] {
  return [
    ...begun.map((one) => `new ${one.module} ${one.state}`),
    ...still.map((one) => `still ${one.module} ${one.state} since ${one.since.slice(11, 13)}`),
    ...over.map((one) => `over ${one.module} ${one.subject}`),
    ...done.map((one) => `done ${one.module} ${one.kind}`),
  ];
}

function failed(because: string, module = "nas"): Trouble {
  return { module, subject: "backup", state: "run-failed", because };
}
const overdue: Trouble = { module: "nas", subject: "backup", state: "overdue" };

describe("what is told", () => {
  it("is a trouble once, and once that it is over", () => {
    const flood = { troubles: [failed("flooded")] };
    expect(story({}, flood, flood, flood, {}, {})).toEqual([
      [],
      ["new nas run-failed"],
      [],
      [],
      ["over nas backup"],
      [],
    ]);
  });

  it("is a trouble again when it changes, and not for another figure in it", () => {
    expect(
      story(
        { troubles: [failed("exit code 3 in nas/20261122T020000Z")] },
        { troubles: [failed("exit code 4 in nas/20261122T030000Z")] },
        { troubles: [failed("no space left")] },
        { troubles: [overdue] },
      ),
    ).toEqual([["new nas run-failed"], [], ["new nas run-failed"], ["new nas overdue"]]);
  });

  it("is a trouble that lasts once a day, with since when", () => {
    const flood = { troubles: [failed("flooded")] };
    expect(
      story(
        { ...flood, hour: 0 },
        { ...flood, hour: 23 },
        { ...flood, hour: 24 },
        { ...flood, hour: 47 },
        { ...flood, hour: 48 },
      ),
    ).toEqual([["new nas run-failed"], [], ["still nas run-failed since 02"], [], ["still nas run-failed since 02"]]);
  });

  it("is each module's and each subject's own", () => {
    const drill: Trouble = { module: "nas", subject: "drill", state: "drill-failed" };
    expect(
      story(
        { troubles: [failed("x")] },
        { troubles: [failed("x"), failed("x", "wiki"), drill] },
        { troubles: [drill] },
      ),
    ).toEqual([
      ["new nas run-failed"],
      ["new wiki run-failed", "new nas drill-failed"],
      ["over nas backup", "over wiki backup"],
    ]);
  });

  it("is nothing of what can't be judged now: neither that it is over, nor the same once more", () => {
    const flood = { troubles: [failed("flooded")] };
    const open = { open: ["nas/backup"] };
    expect(story(flood, open, flood, open, {})).toEqual([["new nas run-failed"], [], [], [], ["over nas backup"]]);
    expect(story({ ...flood, hour: 0 }, { ...open, hour: 30 }, { hour: 31 })).toEqual([["new nas run-failed"], [], []]);
  });

  it("is nothing of a module that there is no more", () => {
    expect(story({ troubles: [failed("flooded")] }, { names: ["wiki"] })).toEqual([["new nas run-failed"], []]);
  });

  it("is what went well only where that is wished, from then on, each run once", () => {
    const first = endedRun("backup", "nas", "2026-11-22T01:00:00.000Z", "ok");
    const second = endedRun("drill", "nas", "2026-11-22T02:30:00.000Z", "ok");
    const third = endedRun("verify", "wiki", "2026-11-22T02:40:00.000Z", "ok");
    const bad = endedRun("backup", "wiki", "2026-11-22T02:50:00.000Z", "failed");
    const prune = endedRun("prune", "wiki", "2026-11-22T02:55:00.000Z", "ok");
    const runs = [prune, bad, third, second, first];
    const all = true;
    expect(story({ runs: [first], all }, { runs, all }, { runs, all })).toEqual([
      [],
      ["done nas drill", "done wiki verify"],
      [],
    ]);
    expect(story({ runs: [first] }, { runs }, { runs, all })).toEqual([[], [], []]);
  });
});
