import { fontOf, paletteOf } from "./desktop-theme.ts";

/** Gives the stylesheets their colours, `--accent` and so on, and their font, light or dark as the person's system is, and follows it when it changes. */
export function applyLook(): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    const { style } = document.documentElement;
    const mode = dark.matches ? "dark" : "light";
    for (const [name, colour] of Object.entries(paletteOf(mode))) style.setProperty(`--${name}`, colour);
    style.setProperty("--font", fontOf(mode));
  };
  dark.addEventListener("change", apply);
  apply();
}
