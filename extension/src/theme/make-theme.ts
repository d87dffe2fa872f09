import { createTheme, type Theme, type ThemeOptions } from "@mui/material/styles";
import { desktopTheme } from "./desktop-theme.ts";
import { type Mode, palettes } from "./palettes.ts";

/** MUI's theme: Docker Desktop's in its tab, our own in a browser; both with the same shapes. */
export function makeTheme(mode: Mode): Theme {
  return createTheme(desktopTheme(mode) ?? { palette: ownPalette(mode) }, {
    shape: { borderRadius: 10 },
    typography: {
      h1: { fontSize: "1.75rem", fontWeight: 650, lineHeight: 1.2, letterSpacing: "-0.01em" },
      h2: { fontSize: "1.15rem", fontWeight: 650, lineHeight: 1.3 },
      h3: { fontSize: "1rem", fontWeight: 650, lineHeight: 1.35 },
      button: { textTransform: "none", fontWeight: 600 },
    },
    components: {
      MuiButtonBase: { defaultProps: { disableRipple: true } },
      MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: "none" } } },
    },
  });
}

function ownPalette(mode: Mode): NonNullable<ThemeOptions["palette"]> {
  const { background, paper, text, muted, line, accent, onAccent, good, warn, bad } = palettes[mode];
  return {
    mode,
    primary: { main: accent, contrastText: onAccent },
    background: { default: background, paper },
    text: { primary: text, secondary: muted },
    divider: line,
    success: { main: good },
    warning: { main: warn },
    error: { main: bad },
    info: { main: accent },
  };
}
