import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { followLinks } from "./data/follow-links.ts";
import { HomeProvider } from "./data/home.ts";
import { asking } from "./data/queries.ts";
import { ViewBoundary } from "./parts/view-boundary.tsx";
import { applyLook } from "./theme/apply-look.ts";
import { chooseHome } from "./transport/choose-transport.ts";
import { ApiFailure } from "./transport/transport.ts";
import "./theme/base.css";

/** What is drawn before the first answer is drawn for nothing, where it comes within so many ms. */
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
applyLook();
followLinks();
await Promise.race([
  queries.prefetchQuery(asking(home.transport, "/api/v1/overview")),
  new Promise((resolve) => setTimeout(resolve, patienceMs)),
]);
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
