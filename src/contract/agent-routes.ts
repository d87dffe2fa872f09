import { z } from "zod";
import { backupParams, eventList, eventQuery, runParams, startedRun } from "./api.ts";
import type { ApiRoute } from "./api-route.ts";
import { backupTime } from "./backup-id.ts";
import { machineJob, machineName, machineStatus } from "./machine.ts";
import { failureReport, runSummary } from "./run-event.ts";

/** What the agent on the physical host backs up, as far as this sidecar may see it. */
export const machineList = z.strictObject({
  /** Null where no agent is paired. `problem` says why it can't be asked; then there are no machines. */
  agent: z.strictObject({ address: z.string(), problem: failureReport.nullable() }).nullable(),
  machines: z.array(machineStatus),
});

const machinePath = "/api/v1/machines/:machine";
const machineParams = z.strictObject({ machine: machineName });
const limit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/u, "a whole number is expected")
  .default("20")
  .transform(Number);

/** The routes that ask the agent for something, over the link. Restores of machines are the host's own. */
export const agentRoutes = {
  startCopy: {
    method: "post",
    path: "/api/v1/backups/:module/:time/copy",
    summary: "Copy a backup to the agent on the physical host",
    access: "signed-in",
    params: backupParams,
    status: 202,
    answer: startedRun,
  },
  listMachines: {
    method: "get",
    path: "/api/v1/machines",
    summary: "The machines that the agent on the physical host backs up, with their points",
    access: "signed-in",
    status: 200,
    answer: machineList,
  },
  startMachineJob: {
    method: "post",
    path: `${machinePath}/jobs`,
    summary:
      "Start a job of a machine: a full or an incremental backup, a verification or a boot drill of its newest point",
    access: "signed-in",
    params: machineParams,
    body: z.strictObject({ job: machineJob }),
    status: 202,
    answer: startedRun,
  },
  listMachineRuns: {
    method: "get",
    path: `${machinePath}/runs`,
    summary: "The agent's runs of a machine, newest first",
    access: "signed-in",
    params: machineParams,
    query: z.strictObject({ limit }),
    status: 200,
    answer: z.strictObject({ runs: z.array(runSummary) }),
  },
  followMachineRun: {
    method: "get",
    path: `${machinePath}/runs/:run/events`,
    summary: "The events of such a run: by long-poll as JSON, live as server-sent events (`Last-Event-ID` is honoured)",
    access: "signed-in",
    params: machineParams.extend(runParams.shape),
    query: eventQuery,
    status: 200,
    answer: eventList,
    streams: ["text/event-stream"],
  },
  showScreenshot: {
    method: "get",
    path: `${machinePath}/points/:chain/:point/screenshot`,
    summary: "The picture of a point's last boot drill",
    access: "signed-in",
    params: machineParams.extend({ chain: backupTime, point: backupTime }),
    status: 200,
    streams: ["image/png"],
  },
} as const satisfies Record<string, ApiRoute>;
