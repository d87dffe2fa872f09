import { afterEach, describe, expect, it, vi } from "vitest";
import { apiError, eventList, newToken, runList, startedRun } from "../../src/contract/api.ts";
import { runEvent } from "../../src/contract/run-event.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";
import { type Sent, sentEvents } from "./server-sent-events.ts";

afterEach(() => {
  vi.useRealTimers();
});

async function serverWithRun() {
  const server = await startServer();
  const client = await signedInClient(server.url);
  const { run } = await jsonOf(client.post("/api/v1/modules/nas/backup"), startedRun);
  return { ...server, client, run, events: `/api/v1/runs/${run}/events` };
}

const live = { accept: "text/event-stream" };
const seqOf = ({ data }: Sent): number => runEvent.parse(JSON.parse(data ?? "")).seq;

describe("runs", () => {
  it("are listed newest first, of one module or of all, as many as asked for", async () => {
    const { client, operations, run } = await serverWithRun();
    operations.tell(run, {
      type: "ended",
      outcome: "failed",
      backup: null,
      failure: { kind: "storage", message: "the vault is full", hint: "free some space" },
    });
    const second = await jsonOf(client.post("/api/v1/modules/wiki/backup"), startedRun);
    const { runs } = await jsonOf(client.get("/api/v1/runs"), runList);
    expect(runs.map((one) => one.run)).toEqual([second.run, run]);
    expect(runs[1]?.failure).toEqual({ kind: "storage", message: "the vault is full", hint: "free some space" });
    expect((await jsonOf(client.get("/api/v1/runs?module=nas"), runList)).runs).toHaveLength(1);
    expect((await jsonOf(client.get("/api/v1/runs?limit=1"), runList)).runs).toHaveLength(1);
  });

  it("can be cancelled, also twice", async () => {
    const { client, run, events } = await serverWithRun();
    expect((await client.post(`/api/v1/runs/${run}/cancel`)).status).toBe(202);
    expect((await client.post(`/api/v1/runs/${run}/cancel`)).status).toBe(202);
    const told = await jsonOf(client.get(events), eventList);
    expect(told.events.at(-1)).toMatchObject({ type: "ended", outcome: "cancelled" });
  });

  it("that do not exist are a plain answer in each form", async () => {
    const { client } = await serverWithRun();
    for (const answer of [
      await client.get("/api/v1/runs/none/events"),
      await client.get("/api/v1/runs/none/events?wait=5&after=3"),
      await client.get("/api/v1/runs/none/events", live),
      await client.post("/api/v1/runs/none/cancel"),
    ]) {
      expect(answer.status).toBe(404);
      expect((await jsonOf(answer, apiError)).error).toEqual({ kind: "missing", message: "there is no run none" });
    }
  });
});

describe("a long-poll", () => {
  it("answers at once with what is there", async () => {
    const { client, operations, run, events } = await serverWithRun();
    operations.tell(run, { type: "stage", stage: "archive" });
    const all = await jsonOf(client.get(`${events}?wait=60`), eventList);
    expect([all.events.map(({ seq }) => seq), all.ended]).toEqual([[1, 2], false]);
    const later = await jsonOf(client.get(`${events}?after=1`), eventList);
    expect(later.events.map(({ seq }) => seq)).toEqual([2]);
    expect(await jsonOf(client.get(`${events}?after=2`), eventList)).toEqual({ events: [], ended: false });
  });

  it("waits for the next event", async () => {
    const { client, operations, run, events } = await serverWithRun();
    const followed = vi.spyOn(operations, "followRun");
    const polled = jsonOf(client.get(`${events}?after=1&wait=60`), eventList);
    await vi.waitFor(() => expect(followed).toHaveBeenCalled());
    operations.tell(run, { type: "stage", stage: "archive" });
    expect((await polled).events).toMatchObject([{ seq: 2, stage: "archive" }]);
  });

  it("ends empty when the time is up", async () => {
    const { client, events } = await serverWithRun();
    expect(await jsonOf(client.get(`${events}?after=1&wait=1`), eventList)).toEqual({ events: [], ended: false });
  });

  it("says that nothing more will come", async () => {
    const { client, operations, run, events } = await serverWithRun();
    operations.end(run);
    expect((await jsonOf(client.get(`${events}?after=1`), eventList)).ended).toBe(true);
    for (const query of ["after=2", "after=2&wait=60", "after=99", "after=99&wait=60"])
      expect([query, await jsonOf(client.get(`${events}?${query}`), eventList)]).toEqual([
        query,
        { events: [], ended: true },
      ]);
  });

  it("is let go when the server closes", async () => {
    const { client, operations, events, close } = await serverWithRun();
    const followed = vi.spyOn(operations, "followRun");
    const polled = jsonOf(client.get(`${events}?after=1&wait=60`), eventList);
    await vi.waitFor(() => expect(followed).toHaveBeenCalled());
    await close();
    expect(await polled).toEqual({ events: [], ended: false });
  });
});

describe("a run's event stream", () => {
  it("brings past and new events, each with its id, then says that it ends", async () => {
    const { client, operations, run, events } = await serverWithRun();
    const answer = await client.get(events, live);
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const stream = sentEvents(answer);
    expect((await stream.next()).value).toMatchObject({ id: "1" });
    operations.tell(run, { type: "stage", stage: "two\nlines" });
    const { value } = await stream.next();
    expect(JSON.parse(value?.data ?? "")).toMatchObject({ seq: 2, stage: "two\nlines" });
    operations.end(run);
    const rest = await Array.fromAsync(stream);
    expect(rest.map(({ id, event }) => [id, event])).toEqual([
      ["3", undefined],
      [undefined, "end"],
    ]);
  });

  it("goes on after a broken connection where it was, Last-Event-ID before after", async () => {
    const { client, operations, run, events } = await serverWithRun();
    const followed = vi.spyOn(operations, "followRun");
    const gone = new AbortController();
    const first = sentEvents(await client.get(events, live, gone.signal));
    expect((await first.next()).value).toMatchObject({ id: "1" });
    gone.abort();
    await vi.waitFor(() => expect(followed.mock.lastCall?.[2].aborted).toBe(true));
    operations.tell(run, { type: "stage", stage: "hold" });
    operations.tell(run, { type: "stage", stage: "seal" });
    operations.end(run);
    const again = await client.get(`${events}?after=0`, { ...live, "last-event-id": "2" });
    const sent = await Array.fromAsync(sentEvents(again));
    expect(sent.filter(({ event }) => event !== "end").map(seqOf)).toEqual([3, 4]);
    const odd = await client.get(`${events}?after=3`, { ...live, "last-event-id": "nonsense" });
    expect((await Array.fromAsync(sentEvents(odd))).map(({ id }) => id)).toEqual(["4", undefined]);
  });

  it("is kept open by a comment every 15 seconds", async () => {
    const { client, events, operations } = await serverWithRun();
    const followed = vi.spyOn(operations, "followRun");
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const stream = sentEvents(await client.get(events, live));
    await stream.next();
    await vi.waitFor(() => expect(followed).toHaveBeenCalled());
    vi.advanceTimersByTime(15_000);
    expect((await stream.next()).value).toEqual({ comment: "still here" });
  });

  it("ends without the word end when the server closes, so that the browser comes back", async () => {
    const { client, events, close } = await serverWithRun();
    const stream = sentEvents(await client.get(events, live));
    await stream.next();
    await close();
    expect(await Array.fromAsync(stream)).toEqual([]);
  });
});

describe("following a run", () => {
  it("ends with signing out, and what was begun goes on", async () => {
    const { client, operations, run, events } = await serverWithRun();
    const stream = await client.get(events, live);
    const polled = client.get(`${events}?after=1&wait=60`);
    const sent = sentEvents(stream);
    expect(seqOf((await sent.next()).value ?? {})).toBe(1);
    await client.remove("/api/v1/session");
    expect(await sent.next()).toEqual({ done: true, value: undefined });
    expect((await polled).status).toBeLessThan(500);
    expect((await client.get(events, live)).status).toBe(401);
    expect((await operations.runEvents(run, 0)).at(-1)?.type).toBe("started");
  });

  it("ends when the API token is revoked, and no other is", async () => {
    const { client, url, events } = await serverWithRun();
    const make = async (name: string) => jsonOf(client.post("/api/v1/tokens", { name }), newToken);
    const [gone, kept] = [await make("gone"), await make("kept")];
    const follow = async (token: string) =>
      sentEvents(await fetch(`${url}${events}`, { headers: { ...live, authorization: `Bearer ${token}` } }));
    const [ending, going] = [await follow(gone.token), await follow(kept.token)];
    for (const one of [ending, going]) await one.next();
    await client.remove(`/api/v1/tokens/${gone.id}`);
    expect(await ending.next()).toEqual({ done: true, value: undefined });
    const next = going.next();
    expect(await Promise.race([next, Promise.resolve("goes on")])).toBe("goes on");
  });
});
