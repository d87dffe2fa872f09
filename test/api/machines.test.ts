import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { AgentOperations } from "../../src/api/agent-operations.ts";
import { machineList } from "../../src/contract/agent-routes.ts";
import { apiError, eventList, runList, startedRun } from "../../src/contract/api.ts";
import { Failure } from "../../src/failure/failure.ts";
import { exampleMachine, FakeMachines } from "../fakes/machines.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";
import { sentEvents } from "./server-sent-events.ts";

const time = "20261122T010000Z";

/** An agent that is there, with machines in memory. */
function agentOf(machines: FakeMachines): AgentOperations {
  return {
    address: "192.168.122.1:8470",
    machines: () => machines.machines(),
    startJob: (machine, job) => machines.start(machine, job),
    runs: (machine, limit) => machines.runs(machine, limit),
    runEvents: async ({ run }, after) => {
      const events = await machines.runEvents(run, after);
      return { events, ended: events.at(-1)?.type === "ended" };
    },
    followRun: ({ run }, after, signal) => machines.followRun(run, after, signal),
    screenshot: async (machine, chain, point) =>
      Readable.from([Buffer.from(`picture of ${machine}/${chain}/${point}`)]),
  };
}

async function serverWithAgent() {
  const server = await startServer();
  const machines = new FakeMachines();
  server.operations.agent = agentOf(machines);
  return { ...server, machines, client: await signedInClient(server.url) };
}

describe("machines", () => {
  it("are those of the agent", async () => {
    const { client } = await serverWithAgent();
    expect(await jsonOf(client.get("/api/v1/machines"), machineList)).toEqual({
      agent: { address: "192.168.122.1:8470", problem: null },
      machines: [exampleMachine("docker-host"), exampleMachine("mail")],
    });
  });

  it("are none where no agent is paired; what is asked of one then says how to pair", async () => {
    const client = await signedInClient((await startServer()).url);
    expect(await jsonOf(client.get("/api/v1/machines"), machineList)).toEqual({ agent: null, machines: [] });
    const refused = await client.post("/api/v1/machines/docker-host/jobs", { job: "full" });
    expect(refused.status).toBe(422);
    const { error } = await jsonOf(refused, apiError);
    expect(error).toMatchObject({ kind: "config", hint: expect.stringContaining("davit agent pair") });
  });

  it("are none while the agent does not answer, which is told, and is no error of the page", async () => {
    const { client, operations, machines } = await serverWithAgent();
    const failure = new Failure("unreachable", "the agent does not answer", { hint: "look at the host" });
    operations.agent = { ...agentOf(machines), machines: async () => Promise.reject(failure) };
    const answer = await client.get("/api/v1/machines");
    expect(answer.status).toBe(200);
    expect(await jsonOf(answer, machineList)).toEqual({
      agent: {
        address: "192.168.122.1:8470",
        problem: { kind: "unreachable", message: "the agent does not answer", hint: "look at the host" },
      },
      machines: [],
    });
  });

  it("have jobs, whose runs can be listed and followed", async () => {
    const { client, machines } = await serverWithAgent();
    const started = await client.post("/api/v1/machines/docker-host/jobs", { job: "drill" });
    expect(started.status).toBe(202);
    const { run } = await jsonOf(started, startedRun);
    expect(machines.started).toEqual(["docker-host drill"]);
    expect((await jsonOf(client.get("/api/v1/machines/docker-host/runs"), runList)).runs).toHaveLength(1);
    const events = `/api/v1/machines/docker-host/runs/${run}/events`;
    expect(await jsonOf(client.get(events), eventList)).toMatchObject({ events: [{ type: "started" }], ended: false });
    const live = await client.get(events, { accept: "text/event-stream" });
    machines.tell(run, { type: "ended", outcome: "ok", backup: null, failure: null });
    const sent = [];
    for await (const one of sentEvents(live)) sent.push(one.event ?? "message");
    expect(sent).toEqual(["message", "message", "end"]);
    expect((await client.post("/api/v1/machines/docker-host/jobs", { job: "restore" })).status).toBe(400);
    expect((await client.post("/api/v1/machines/..%2f..%2fetc/jobs", { job: "full" })).status).toBe(400);
  });

  it("have the picture of a boot drill", async () => {
    const { client } = await serverWithAgent();
    const answer = await client.get(`/api/v1/machines/docker-host/points/${time}/${time}/screenshot`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(await answer.text()).toBe(`picture of docker-host/${time}/${time}`);
  });
});

it("a backup can be copied to the agent", async () => {
  const { client, operations } = await serverWithAgent();
  const { run } = await jsonOf(client.post("/api/v1/backups/nas/latest/copy"), startedRun);
  expect(run).toContain("copy-nas");
  expect(operations.asked).toEqual([{ what: "copy", id: "nas@latest" }]);
});
