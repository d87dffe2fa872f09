import Box from "@mui/material/Box";
import type { ReactElement } from "react";

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
    <Box
      component="pre"
      tabIndex={0}
      dir="auto"
      aria-label={label}
      sx={{
        m: 0,
        p: 1.5,
        maxHeight: tallest,
        overflow: "auto",
        bgcolor: "background.default",
        border: 1,
        borderColor: "divider",
        borderRadius: 0.75,
        fontSize: "0.8rem",
      }}
    >
      {text}
    </Box>
  );
}
