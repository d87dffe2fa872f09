import type { PaletteOptions, ThemeOptions } from "@mui/material/styles";
import { type Mode, type Palette, palettes } from "./palettes.ts";

declare global {
  interface Window {
    /** Docker Desktop's own themes, which only its tab has. */
    __ddMuiV6Themes?: Partial<Record<Mode, ThemeOptions>>;
  }
}

/** Docker Desktop's theme in its tab; nothing in a browser. */
export function desktopTheme(mode: Mode): ThemeOptions | undefined {
  return window.__ddMuiV6Themes?.[mode];
}

/** The colours of Docker Desktop's theme in its tab, as far as it names them; else our own. */
export function paletteOf(mode: Mode): Palette {
  const own = palettes[mode];
  const given = desktopTheme(mode)?.palette;
  if (given === undefined) return own;
  return {
    background: given.background?.default ?? own.background,
    paper: given.background?.paper ?? own.paper,
    text: given.text?.primary ?? own.text,
    muted: given.text?.secondary ?? own.muted,
    line: given.divider ?? own.line,
    accent: mainOf(given.primary) ?? own.accent,
    onAccent: contrastOf(given.primary) ?? own.onAccent,
    good: mainOf(given.success) ?? own.good,
    warn: mainOf(given.warning) ?? own.warn,
    bad: mainOf(given.error) ?? own.bad,
    hover: given.action?.hover ?? own.hover,
  };
}

/** MUI's own fonts, unless Docker Desktop's theme names others. */
export function fontOf(mode: Mode): string {
  const typography = desktopTheme(mode)?.typography;
  const given = typeof typography === "object" ? typography.fontFamily : undefined;
  return given ?? "Roboto, Helvetica, Arial, sans-serif";
}

function mainOf(colour: PaletteOptions["primary"]): string | undefined {
  return colour !== undefined && "main" in colour ? colour.main : undefined;
}

function contrastOf(colour: PaletteOptions["primary"]): string | undefined {
  return colour !== undefined && "contrastText" in colour ? colour.contrastText : undefined;
}
