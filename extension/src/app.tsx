import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import Container from "@mui/material/Container";
import Typography from "@mui/material/Typography";
import { lazy, type ReactElement, Suspense } from "react";
import { Route, Router, Switch, useLocation } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { useHome } from "./data/home.ts";
import { useAnswer } from "./data/queries.ts";
import { Problem } from "./parts/problem.tsx";
import { Shell } from "./parts/shell.tsx";
import { ViewBoundary } from "./parts/view-boundary.tsx";
import { Overview } from "./views/overview/overview.tsx";
import { words } from "./words.ts";

const Activity = lazy(async () => ({ default: (await import("./views/activity/activity.tsx")).Activity }));
const Backup = lazy(async () => ({ default: (await import("./views/backup/backup.tsx")).Backup }));
const Connect = lazy(async () => ({ default: (await import("./views/connect/connect.tsx")).Connect }));
const Copies = lazy(async () => ({ default: (await import("./views/copies/copies.tsx")).Copies }));
const Machines = lazy(async () => ({ default: (await import("./views/machines/machines.tsx")).Machines }));
const Module = lazy(async () => ({ default: (await import("./views/module/module.tsx")).Module }));
const Run = lazy(async () => ({ default: (await import("./views/activity/run.tsx")).Run }));
const Settings = lazy(async () => ({ default: (await import("./views/settings/settings.tsx")).Settings }));
const SignIn = lazy(async () => ({ default: (await import("./views/sign-in/sign-in.tsx")).SignIn }));

/** The whole panel: whoever is not signed in is asked to; else the view that the address names. */
export function App(): ReactElement {
  const { transport } = useHome();
  const session = useAnswer<unknown>("/api/v1/session", { everyMs: 60_000 });
  if (transport.home === "browser" && session.error?.kind === "denied")
    return (
      <Suspense fallback={<Loading />}>
        <SignIn />
      </Suspense>
    );
  if (session.isPending) return <Loading />;
  if (session.error !== null && session.data === undefined)
    return (
      <Container component="main" maxWidth="sm" sx={{ pt: 8 }}>
        <Problem failure={session.error} onRetry={() => void session.refetch()} />
      </Container>
    );
  return (
    <Router hook={useHashLocation}>
      <Shell>
        <Views />
      </Shell>
    </Router>
  );
}

function Views(): ReactElement {
  const [at] = useLocation();
  return (
    <ViewBoundary at={at}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/modules/:module">{({ module }) => <Module key={module} name={module} />}</Route>
          <Route path="/backups/:module/:time">
            {({ module, time }) => <Backup key={`${module}/${time}`} module={module} time={time} />}
          </Route>
          <Route path="/activity" component={Activity} />
          <Route path="/activity/:run">{({ run }) => <Run key={run} id={run} />}</Route>
          <Route path="/machines" component={Machines} />
          <Route path="/shares">
            <Connect {...words.connect.shares} />
          </Route>
          <Route path="/copies" component={Copies} />
          <Route path="/settings" component={Settings} />
          <Route component={NoSuchView} />
        </Switch>
      </Suspense>
    </ViewBoundary>
  );
}

function Loading(): ReactElement {
  return (
    <Box sx={{ display: "grid", placeItems: "center", minHeight: "40vh" }}>
      <CircularProgress aria-label={words.loading} />
    </Box>
  );
}

function NoSuchView(): ReactElement {
  return (
    <Box sx={{ py: 6, textAlign: "center" }}>
      <Typography variant="h1" sx={{ mb: 2 }}>
        {words.failures.notFound}
      </Typography>
      <Button href="#/">{words.failures.backToOverview}</Button>
    </Box>
  );
}
