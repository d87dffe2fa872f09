import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { ThemeProvider } from "@mui/material/styles";
import useMediaQuery from "@mui/material/useMediaQuery";
import { type ReactElement, type ReactNode, useMemo } from "react";
import { makeTheme } from "./make-theme.ts";

// The server puts a nonce into the page for each answer: without it the policy refuses the styles.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
const cache = createCache({ key: "davit", ...(nonce === undefined ? {} : { nonce }) });

/** What is drawn with MUI needs its theme. */
export function WithMui({ children }: { children: ReactNode }): ReactElement {
  const dark = useMediaQuery("(prefers-color-scheme: dark)", { noSsr: true });
  const theme = useMemo(() => makeTheme(dark ? "dark" : "light"), [dark]);
  return (
    <CacheProvider value={cache}>
      <ThemeProvider theme={theme}>{children}</ThemeProvider>
    </CacheProvider>
  );
}
