export type Mode = "light" | "dark";

/** What the panel's own stylesheets and MUI's theme are coloured with. */
export interface Palette {
  background: string;
  paper: string;
  text: string;
  /** What matters less. */
  muted: string;
  /** Lines and frames. */
  line: string;
  accent: string;
  /** Stands on the accent. */
  onAccent: string;
  good: string;
  warn: string;
  bad: string;
  /** Laid over what the pointer is on. */
  hover: string;
}

export const palettes: Readonly<Record<Mode, Palette>> = {
  light: {
    background: "#f3f6f8",
    paper: "#ffffff",
    text: "#16212b",
    muted: "#4a5966",
    line: "#d9e0e6",
    accent: "#0b6b85",
    onAccent: "#ffffff",
    good: "#15703a",
    warn: "#8f5206",
    bad: "#b3201d",
    hover: "rgb(0 0 0 / 4%)",
  },
  dark: {
    background: "#0f161c",
    paper: "#172129",
    text: "#e6edf3",
    muted: "#a5b4c0",
    line: "#2c3a46",
    accent: "#4cc3dd",
    onAccent: "#06222a",
    good: "#55d98d",
    warn: "#f4bd4a",
    bad: "#ff8a85",
    hover: "rgb(255 255 255 / 8%)",
  },
};
