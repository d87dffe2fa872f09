import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { type ReactElement, type ReactNode, useId } from "react";

interface SectionProps {
  title: string;
  /** A sentence below the title. */
  help?: string;
  /** Stands beside the title, at the far end. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a view under a heading. */
export function Section({ title, help, action, children }: SectionProps): ReactElement {
  const id = useId();
  return (
    <Box component="section" aria-labelledby={id} sx={{ mt: 4 }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1, mb: 1.25, minHeight: 34 }}>
        <Typography variant="h2" id={id} sx={{ flex: 1 }}>
          {title}
        </Typography>
        {action}
      </Box>
      {help !== undefined && (
        <Typography variant="body2" color="text.secondary" sx={{ mb: 1.25 }}>
          {help}
        </Typography>
      )}
      {children}
    </Box>
  );
}
