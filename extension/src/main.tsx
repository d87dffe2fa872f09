import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import CssBaseline from "@mui/material/CssBaseline";
import { ThemeProvider } from "@mui/material/styles";
import useMediaQuery from "@mui/material/useMediaQuery";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactElement, StrictMode, useMemo } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { HomeProvider } from "./data/home.ts";
import { ViewBoundary } from "./parts/view-boundary.tsx";
import { makeTheme } from "./theme/make-theme.ts";
import { chooseHome } from "./transport/choose-transport.ts";
import { ApiFailure } from "./transport/transport.ts";

const home = chooseHome();
// The server puts a nonce into the page for each answer: without it the policy refuses the styles.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
const cache = createCache({ key: "davit", ...(nonce === undefined ? {} : { nonce }) });
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

function Panel(): ReactElement {
  const dark = useMediaQuery("(prefers-color-scheme: dark)", { noSsr: true });
  const theme = useMemo(() => makeTheme(dark ? "dark" : "light"), [dark]);
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline enableColorScheme />
      <ViewBoundary at="/">
        <App />
      </ViewBoundary>
    </ThemeProvider>
  );
}

const place = document.querySelector("#panel");
if (place === null) throw new Error("the page has no place for the panel");
createRoot(place).render(
  <StrictMode>
    <CacheProvider value={cache}>
      <QueryClientProvider client={queries}>
        <HomeProvider value={home}>
          <Panel />
        </HomeProvider>
      </QueryClientProvider>
    </CacheProvider>
  </StrictMode>,
);
