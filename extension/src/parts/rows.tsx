import Box from "@mui/material/Box";
import type { ReactElement, ReactNode } from "react";

/** Rows in a frame, with a line between them. */
export function Rows({ children }: { children: ReactNode }): ReactElement {
  return (
    <Box
      component="ul"
      sx={{
        m: 0,
        p: 0,
        listStyle: "none",
        border: 1,
        borderColor: "divider",
        borderRadius: 1,
        bgcolor: "background.paper",
        "& > li:not(:first-of-type)": { borderTop: 1, borderColor: "divider" },
      }}
    >
      {children}
    </Box>
  );
}
