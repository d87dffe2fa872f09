import type { MachineJob } from "../../contract/machine.ts";
import type { FlowRequest } from "../flow-request.ts";
import { backUpMachine } from "./back-up-machine.ts";
import { drillPoint } from "./drill-point.ts";
import type { Host } from "./host.ts";
import { verifyPoint } from "./verify-point.ts";

/** Does one of a machine's jobs; what is verified or drilled is its newest point. */
export async function doMachineJob(host: Host, machine: string, job: MachineJob, request: FlowRequest): Promise<void> {
  switch (job) {
    case "full":
    case "incremental":
      await backUpMachine(host, machine, { ...request, type: job });
      break;
    case "verify":
      await verifyPoint(host, `${machine}@latest`, request);
      break;
    case "drill":
      await drillPoint(host, `${machine}@latest`, request);
      break;
  }
}
