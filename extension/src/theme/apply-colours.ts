import { paletteOf } from "./desktop-theme.ts";

/** Gives the stylesheets their colours, `--accent` and so on, light or dark as the person's system is, and follows it when it changes. */
export function applyColours(): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    const { style } = document.documentElement;
    for (const [name, colour] of Object.entries(paletteOf(dark.matches ? "dark" : "light")))
      style.setProperty(`--${name}`, colour);
  };
  dark.addEventListener("change", apply);
  apply();
}
