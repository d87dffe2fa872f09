import { Alert } from "../../parts/alert.tsx";
import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import type { ReactElement } from "react";
import type { RunEvent } from "../../../../src/contract/run-event.ts";
import { clock } from "../../amounts.ts";
import { useChange } from "../../data/queries.ts";
import { type RunNow, useRun } from "../../data/use-run.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { Title } from "../../parts/title.tsx";
import { Told } from "../../parts/told.tsx";
import { words } from "../../words.ts";

/** One run: how far it is or how it ended, and every line that it told. */
export function Run({ id }: { id: string }): ReactElement {
  const now = useRun(id);
  const change = useChange();
  const begun = now.events.find((event) => event.type === "started");
  const ended = now.events.find((event) => event.type === "ended");
  const kind = begun?.kind ?? "";
  const backup = ended?.backup ?? null;
  return (
    <>
      <Title
        above={[{ name: words.nav.activity, href: "#/activity" }]}
        name={begun === undefined ? id : `${words.kinds[kind] ?? kind}: ${begun.module}`}
        actions={
          <>
            {backup !== null && (
              <ButtonLink look="outlined" href={`#/backups/${backup}`}>
                {words.activity.showBackup}
              </ButtonLink>
            )}
            {begun !== undefined && now.outcome === null && (
              <Button
                look="outlined"
                warn
                busy={change.isPending}
                onClick={() => change.mutate({ path: `/api/v1/runs/${id}/cancel` })}
              >
                {words.activity.cancel}
              </Button>
            )}
          </>
        }
      />
      {change.error !== null && <Problem failure={change.error} />}
      <Box sx={{ mt: 2 }}>
        {now.outcome === null && begun !== undefined ? <LiveRun run={id} /> : <Ending now={now} />}
      </Box>
      <Section title={words.activity.log}>
        <Paper
          variant="outlined"
          component="ol"
          sx={{ m: 0, p: 2, listStyle: "none", fontSize: "0.875rem", overflowWrap: "anywhere" }}
        >
          {now.events.map((event) => (
            <Line key={event.seq} event={event} module={begun?.module ?? ""} />
          ))}
        </Paper>
      </Section>
    </>
  );
}

function Ending({ now }: { now: RunNow }): ReactElement | null {
  const { outcome, failure } = now;
  if (outcome === null && failure === null) return null;
  const good = outcome === "ok";
  return (
    <Alert tone={good ? "good" : outcome === "cancelled" ? "note" : "bad"} role="status">
      {failure === null ? (
        (words.outcomes[outcome ?? ""] ?? outcome)
      ) : (
        <Told text={failure.message} hint={failure.hint} />
      )}
    </Alert>
  );
}

const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

function Line({ event, module }: { event: RunEvent; module: string }): ReactElement | null {
  const told = lineOf(event);
  if (told === null) return null;
  return (
    <Box component="li" sx={{ display: "flex", gap: 1.5, py: 0.25 }}>
      <Box
        component="time"
        dateTime={event.at}
        title={clock(event.at)}
        sx={{ color: "text.secondary", flex: "none", fontVariantNumeric: "tabular-nums" }}
      >
        {time.format(new Date(event.at))}
      </Box>
      <Box
        sx={{
          minWidth: 0,
          ...(event.type === "warning" && { color: "warning.main" }),
          ...(event.type === "output" && { fontFamily: "monospace" }),
        }}
      >
        <Told text={told} />
        {event.type === "started" && (
          <>
            {" "}
            <Link href={`#/modules/${module}`}>{module}</Link>
          </>
        )}
      </Box>
    </Box>
  );
}

function lineOf(event: RunEvent): string | null {
  switch (event.type) {
    case "started":
      return `${words.kinds[event.kind] ?? event.kind}, ${words.activity.triggers[event.trigger]}:`;
    case "stage":
      return words.stages[event.stage] ?? event.stage;
    case "warning":
      return event.hint === undefined ? event.message : `${event.message} (${event.hint})`;
    case "output":
      return `${event.source}: ${event.line}`;
    case "ended":
      return words.activity.ended(words.outcomes[event.outcome] ?? event.outcome);
    case "progress":
      return null;
  }
}
