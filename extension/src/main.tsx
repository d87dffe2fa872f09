import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { HomeProvider } from "./data/home.ts";
import { asking } from "./data/queries.ts";
import { ViewBoundary } from "./parts/view-boundary.tsx";
import { applyColours } from "./theme/apply-colours.ts";
import { chooseHome } from "./transport/choose-transport.ts";
import { ApiFailure } from "./transport/transport.ts";
import "./theme/base.css";

/** What is drawn before the first answers is drawn for nothing, where they come within so many ms. */
const patienceMs = 600;

const home = chooseHome();
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // What Davit refuses stays refused; only silence is worth another try.
      retry: (count, error) => count < 2 && error instanceof ApiFailure && error.kind === "unreachable",
    },
    mutations: { retry: false },
  },
});

const place = document.querySelector("#panel");
if (place === null) throw new Error("the page has no place for the panel");
applyColours();
const firstAnswers = ["/api/v1/session", "/api/v1/overview"].map(async (path) =>
  queries.prefetchQuery(asking(home.transport, path)),
);
await Promise.race([Promise.all(firstAnswers), new Promise((resolve) => setTimeout(resolve, patienceMs))]);
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <HomeProvider value={home}>
        <ViewBoundary at="/">
          <App />
        </ViewBoundary>
      </HomeProvider>
    </QueryClientProvider>
  </StrictMode>,
);
