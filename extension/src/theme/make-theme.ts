import { createTheme, type Theme, type ThemeOptions } from "@mui/material/styles";

type Mode = "light" | "dark";

declare global {
  interface Window {
    /** Docker Desktop's own themes, which only its tab has. */
    __ddMuiV6Themes?: Partial<Record<Mode, ThemeOptions>>;
  }
}

const palettes: Readonly<Record<Mode, NonNullable<ThemeOptions["palette"]>>> = {
  light: {
    mode: "light",
    primary: { main: "#0b6b85", contrastText: "#ffffff" },
    background: { default: "#f3f6f8", paper: "#ffffff" },
    text: { primary: "#16212b", secondary: "#4a5966" },
    divider: "#d9e0e6",
    success: { main: "#15703a" },
    warning: { main: "#8f5206" },
    error: { main: "#b3201d" },
    info: { main: "#0b6b85" },
  },
  dark: {
    mode: "dark",
    primary: { main: "#4cc3dd", contrastText: "#06222a" },
    background: { default: "#0f161c", paper: "#172129" },
    text: { primary: "#e6edf3", secondary: "#a5b4c0" },
    divider: "#2c3a46",
    success: { main: "#55d98d" },
    warning: { main: "#f4bd4a" },
    error: { main: "#ff8a85" },
    info: { main: "#4cc3dd" },
  },
};

/** Docker Desktop's theme in its tab, our own in a browser; both with the same shapes. */
export function makeTheme(mode: Mode): Theme {
  return createTheme(window.__ddMuiV6Themes?.[mode] ?? { palette: palettes[mode] }, {
    shape: { borderRadius: 10 },
    typography: {
      fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
      h1: { fontSize: "1.75rem", fontWeight: 650, lineHeight: 1.2, letterSpacing: "-0.01em" },
      h2: { fontSize: "1.15rem", fontWeight: 650, lineHeight: 1.3 },
      h3: { fontSize: "1rem", fontWeight: 650, lineHeight: 1.35 },
      button: { textTransform: "none", fontWeight: 600 },
    },
    components: {
      MuiButtonBase: { defaultProps: { disableRipple: true } },
      MuiButton: { defaultProps: { disableElevation: true } },
      MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: "none" } } },
      MuiCssBaseline: {
        styleOverrides: {
          ":focus-visible": { outline: "2px solid currentColor", outlineOffset: 2 },
          "@media (prefers-reduced-motion: reduce)": {
            "*, *::before, *::after": { animationDuration: "1ms !important", transitionDuration: "1ms !important" },
          },
        },
      },
    },
  });
}
