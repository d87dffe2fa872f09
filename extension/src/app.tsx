import { useQueryClient } from "@tanstack/react-query";
import { type ReactElement, Suspense } from "react";
import { Route, Router, Switch, useLocation } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { useHome } from "./data/home.ts";
import { useAnswer } from "./data/queries.ts";
import { ButtonLink } from "./parts/button.tsx";
import { Problem } from "./parts/problem.tsx";
import { Shell } from "./parts/shell.tsx";
import { ViewBoundary } from "./parts/view-boundary.tsx";
import { drawnWithMui } from "./theme/drawn-with-mui.tsx";
import { Module } from "./views/module/module.tsx";
import { Overview } from "./views/overview/overview.tsx";
import { words } from "./words.ts";

const Activity = drawnWithMui(async () => (await import("./views/activity/activity.tsx")).Activity);
const Backup = drawnWithMui(async () => (await import("./views/backup/backup.tsx")).Backup);
const Connect = drawnWithMui(async () => (await import("./views/connect/connect.tsx")).Connect);
const Copies = drawnWithMui(async () => (await import("./views/copies/copies.tsx")).Copies);
const Machines = drawnWithMui(async () => (await import("./views/machines/machines.tsx")).Machines);
const Run = drawnWithMui(async () => (await import("./views/activity/run.tsx")).Run);
const Settings = drawnWithMui(async () => (await import("./views/settings/settings.tsx")).Settings);
const SignIn = drawnWithMui(async () => (await import("./views/sign-in/sign-in.tsx")).SignIn);

/** The whole panel: whoever is not signed in is asked to; else the view that the address names. */
export function App(): ReactElement {
  const { transport } = useHome();
  const queries = useQueryClient();
  const session = useAnswer<unknown>("/api/v1/session", { everyMs: 60_000 });
  if (transport.home === "browser" && session.error?.kind === "denied")
    return (
      <Suspense fallback={<Loading />}>
        <SignIn />
      </Suspense>
    );
  // Whoever was told the overview is signed in.
  if (session.isPending && queries.getQueryData(["/api/v1/overview"]) === undefined) return <Loading />;
  if (session.error !== null && session.data === undefined)
    return (
      <main className="page unreached">
        <Problem failure={session.error} onRetry={() => void session.refetch()} />
      </main>
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
    <p className="waiting" role="status">
      {words.loading}
    </p>
  );
}

function NoSuchView(): ReactElement {
  return (
    <div className="nowhere">
      <h1>{words.failures.notFound}</h1>
      <ButtonLink href="#/">{words.failures.backToOverview}</ButtonLink>
    </div>
  );
}
