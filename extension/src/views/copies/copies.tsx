import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { Overview, OverviewModule } from "../../../../src/contract/overview.ts";
import { useAnswer } from "../../data/queries.ts";
import { useStartedRun } from "../../data/use-started-run.ts";
import { Button } from "../../parts/button.tsx";
import { Instant } from "../../parts/instant.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Problem } from "../../parts/problem.tsx";
import { RefusedRun } from "../../parts/refused-run.tsx";
import { Title } from "../../parts/title.tsx";
import { ToneSign } from "../../parts/tone.tsx";
import { words } from "../../words.ts";
import { Connect } from "../connect/connect.tsx";

const text = words.copies;

interface AgentAnswer {
  agent: { address: string; problem: { message: string } | null } | null;
}

/** Which backups are held in another place as well; how to connect one where there is none. */
export function Copies(): ReactElement {
  const overview = useAnswer<Overview>("/api/v1/overview", { everyMs: 10_000 });
  const machines = useAnswer<AgentAnswer>("/api/v1/machines", { everyMs: 30_000 });
  const failure = overview.error ?? machines.error;
  if (overview.data === undefined || machines.data === undefined)
    return failure === null ? <Skeleton variant="rounded" height={240} /> : <Problem failure={failure} />;
  const { agent } = machines.data;
  if (agent === null && overview.data.modules.every(({ ladder }) => ladder.copied === null))
    return <Connect {...words.connect.copies} needsAgent />;
  return (
    <>
      <Title name={text.title} />
      <Typography color="text.secondary" sx={{ mt: 0.5, mb: 2, maxWidth: "70ch" }}>
        {text.help}
      </Typography>
      {agent !== null && (
        <Typography variant="body2" sx={{ mb: 1.5 }}>
          {agent.problem === null ? text.agent(agent.address) : `${text.unreachable}: ${agent.problem.message}`}
        </Typography>
      )}
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1 }}>
        {overview.data.modules.map((module) => (
          <Copied key={module.name} module={module} canCopy={agent !== null && agent.problem === null} />
        ))}
      </Box>
    </>
  );
}

function Copied({ module, canCopy }: { module: OverviewModule; canCopy: boolean }): ReactElement {
  const { name, last, ladder } = module;
  const starting = useStartedRun();
  const isCopied = last?.evidence.some((one) => one.kind === "copied" && one.ok) === true;
  return (
    <Paper component="li" variant="outlined" sx={{ p: 1.5, px: 2 }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1.5 }}>
        <ToneSign tone={isCopied ? "good" : ladder.copied === null ? "off" : "warn"} size={18} />
        <Typography sx={{ fontWeight: 600, overflowWrap: "anywhere" }}>{name}</Typography>
        <Typography variant="body2" color="text.secondary" sx={{ flex: 1 }}>
          {ladder.copied === null ? (
            text.never
          ) : (
            <>
              {text.newest} <Instant at={ladder.copied} />
              {isCopied && `, ${text.upToDate}`}
            </>
          )}
        </Typography>
        {canCopy && last !== null && !isCopied && (
          <Button
            little
            look="outlined"
            busy={starting.isPending}
            onClick={() => starting.start(`/api/v1/backups/${last.id}/copy`)}
          >
            {text.copyNow}
          </Button>
        )}
      </Box>
      <RefusedRun starting={starting} />
      {starting.run !== null && <LiveRun run={starting.run} />}
    </Paper>
  );
}
