import { Alert } from "../../parts/alert.tsx";
import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { Delivery, DeliveryReport, NotificationView } from "../../../../src/contract/notification.ts";
import { useHome } from "../../data/home.ts";
import { useAnswer, useChange } from "../../data/queries.ts";
import { Button } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { Printed } from "../../parts/printed.tsx";
import { Told } from "../../parts/told.tsx";
import { words } from "../../words.ts";

const text = words.notifications;

/** How people are told of problems, and whether that works; how to set it up where it is not. */
export function Notifications(): ReactElement {
  const view = useAnswer<NotificationView>("/api/v1/notifications");
  return (
    <Section title={text.title}>
      {view.error !== null && <Problem failure={view.error} />}
      {view.isPending && <Skeleton variant="rounded" height={48} />}
      {view.data !== undefined && (view.data.channels.length === 0 ? <HowTo /> : <Channels {...view.data} />)}
    </Section>
  );
}

function Channels({ when, channels }: NotificationView): ReactElement {
  const test = useChange<DeliveryReport>();
  const deliveries = test.data?.deliveries ?? [];
  return (
    <Paper variant="outlined" sx={{ p: 2 }}>
      <Typography color="text.secondary" variant="body2">
        <Told text={text.when[when]} />
      </Typography>
      <Box component="ul" aria-label={text.channels} sx={{ mt: 1, mb: 1.5, pl: 2.5, overflowWrap: "anywhere" }}>
        {channels.map(({ name, to }) => (
          <li key={name}>{text.reaches[name](to)}</li>
        ))}
      </Box>
      <Button look="outlined" busy={test.isPending} onClick={() => test.mutate({ path: "/api/v1/notifications/test" })}>
        {text.test}
      </Button>
      <Box role="status" sx={{ display: "grid", gap: 1, mt: deliveries.length > 0 ? 1.5 : 0 }}>
        {deliveries.map((delivery) => (
          <Result key={delivery.name} {...delivery} />
        ))}
      </Box>
      {test.error !== null && <Problem failure={test.error} />}
    </Paper>
  );
}

function Result({ name, to, answer, failure }: Delivery): ReactElement {
  return (
    <Alert tone={failure === null ? "good" : "bad"}>
      <strong>{text.reaches[name](to)}</strong>
      <br />
      {failure === null ? text.taken(answer ?? "") : <Told text={failure.message} />}
      {failure?.hint !== undefined && (
        <>
          <br />
          <Told text={failure.hint} />
        </>
      )}
    </Alert>
  );
}

function HowTo(): ReactElement {
  const { transport } = useHome();
  if (transport.home === "desktop") return <Typography color="text.secondary">{text.notInDesktop}</Typography>;
  return (
    <Paper variant="outlined" sx={{ p: 2 }}>
      <Typography color="text.secondary" variant="body2">
        <Told text={text.none} />
      </Typography>
      <Box sx={{ my: 1.5 }}>
        <Printed text={text.example} label={text.lines} tallest={320} />
      </Box>
      <CopyButton text={text.example} label={text.copy} />
    </Paper>
  );
}
