import Box from "@mui/material/Box";
import type { ReactElement, ReactNode } from "react";

/** Names and values in a row that wraps. */
export function Facts({ children }: { children: ReactNode }): ReactElement {
  return (
    <Box component="dl" sx={{ display: "flex", flexWrap: "wrap", columnGap: 3, rowGap: 0.5, m: 0 }}>
      {children}
    </Box>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <Box sx={{ fontSize: "0.875rem", overflowWrap: "anywhere" }}>
      <Box component="dt" sx={{ display: "inline", color: "text.secondary" }}>
        {name}{" "}
      </Box>
      <Box component="dd" sx={{ display: "inline", m: 0, fontVariantNumeric: "tabular-nums" }}>
        {children}
      </Box>
    </Box>
  );
}
