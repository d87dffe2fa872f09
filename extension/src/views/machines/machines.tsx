import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { lazy, type ReactElement, Suspense } from "react";
import type { MachineStatus } from "../../../../src/contract/machine.ts";
import type { FailureReport } from "../../../../src/contract/run-event.ts";
import { useAnswer } from "../../data/queries.ts";
import { Problem } from "../../parts/problem.tsx";
import { Title } from "../../parts/title.tsx";
import { Told } from "../../parts/told.tsx";
import { words } from "../../words.ts";
import { Connect } from "../connect/connect.tsx";

const Machine = lazy(async () => ({ default: (await import("./machine.tsx")).Machine }));

interface MachineList {
  agent: { address: string; problem: FailureReport | null } | null;
  machines: MachineStatus[];
}

/** The machines that the agent on the physical host backs up; how to connect one where there is none. */
export function Machines(): ReactElement {
  const list = useAnswer<MachineList>("/api/v1/machines", { everyMs: 10_000 });
  if (list.data === undefined)
    return list.error === null ? <Skeleton variant="rounded" height={320} /> : <Problem failure={list.error} />;
  const { agent, machines } = list.data;
  if (agent === null) return <Connect {...words.connect.machines} />;
  const { problem } = agent;
  return (
    <>
      <Title name={words.machines.title} />
      <Typography color="text.secondary" sx={{ mt: 0.5, mb: 2 }}>
        {words.machines.agentAt(agent.address)}
      </Typography>
      {problem !== null && <Problem failure={problem} />}
      {problem === null && machines.length === 0 && <Typography>{words.machines.none}</Typography>}
      <Suspense fallback={<Skeleton variant="rounded" height={200} />}>
        {machines.map((machine) => (
          <Machine key={machine.name} machine={machine} />
        ))}
      </Suspense>
      {machines.length > 0 && (
        <Typography variant="body2" color="text.secondary" sx={{ mt: 2 }}>
          <Told text={words.machines.restoreHelp} />
        </Typography>
      )}
    </>
  );
}
