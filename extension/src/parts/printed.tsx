import type { ReactElement } from "react";
import "./printed.css";

interface PrintedProps {
  text: string;
  /** What it is, where no heading says so. */
  label?: string;
  /** In pixels; what is longer is scrolled. */
  tallest: number;
}

/** A text line by line, as a program wrote it. */
export function Printed({ text, label, tallest }: PrintedProps): ReactElement {
  return (
    <pre className="printed" tabIndex={0} dir="auto" aria-label={label} style={{ maxHeight: tallest }}>
      {text}
    </pre>
  );
}
