import Box from "@mui/material/Box";
import type { ReactElement, ReactNode } from "react";

/** Names and values in a row that wraps. */
export function Facts({ children }: { children: ReactNode }): ReactElement {
  return (
    <Box
      component="dl"
      sx={{
        display: "flex",
        flexWrap: "wrap",
        columnGap: 3,
        rowGap: 0.5,
        m: 0,
        // Styles for each fact would make hundreds of them slow to draw.
        "& > div": { fontSize: "0.875rem", overflowWrap: "anywhere" },
        "& > div > dt": { display: "inline", color: "text.secondary" },
        "& > div > dd": { display: "inline", m: 0, fontVariantNumeric: "tabular-nums" },
      }}
    >
      {children}
    </Box>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name} </dt>
      <dd>{children}</dd>
    </div>
  );
}
