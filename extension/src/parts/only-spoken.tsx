import Box from "@mui/material/Box";
import type { ReactElement } from "react";

/** A text that is read aloud and not shown. */
export function OnlySpoken({ text }: { text: string }): ReactElement {
  return (
    <Box
      component="span"
      sx={{
        position: "absolute",
        width: "1px",
        height: "1px",
        overflow: "hidden",
        clipPath: "inset(50%)",
        whiteSpace: "nowrap",
      }}
    >
      {text}
    </Box>
  );
}
