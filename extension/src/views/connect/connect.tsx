import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import { ButtonLink } from "../../parts/button.tsx";
import { Title } from "../../parts/title.tsx";
import { Told } from "../../parts/told.tsx";
import { words } from "../../words.ts";

interface ConnectProps {
  title: string;
  help: string;
  steps?: readonly string[];
  /** Where an agent is the way there, which the view of machines explains. */
  needsAgent?: boolean;
}

/** What stands in a view that has nothing to show yet: what it is for, and how to get there. */
export function Connect({ title, help, steps = [], needsAgent = false }: ConnectProps): ReactElement {
  return (
    <>
      <Title name={title} />
      <Typography color="text.secondary" sx={{ mt: 1, maxWidth: "65ch" }}>
        {help}
      </Typography>
      {needsAgent && (
        <Box sx={{ mt: 2 }}>
          <ButtonLink href="#/machines" look="outlined">
            {words.connect.howAgent}
          </ButtonLink>
        </Box>
      )}
      {steps.length > 0 && (
        <Paper variant="outlined" sx={{ p: 2.5, mt: 3, maxWidth: "75ch" }}>
          <Typography variant="h2" sx={{ mb: 1 }}>
            {words.connect.how}
          </Typography>
          <Box component="ol" sx={{ m: 0, pl: 2.5, "& li": { mb: 0.75 }, overflowWrap: "anywhere" }}>
            {steps.map((step) => (
              <li key={step}>
                <Told text={step} />
              </li>
            ))}
          </Box>
          <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
            {words.connect.docs}
          </Typography>
        </Paper>
      )}
    </>
  );
}
