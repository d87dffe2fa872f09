import Accordion from "@mui/material/Accordion";
import AccordionDetails from "@mui/material/AccordionDetails";
import AccordionSummary from "@mui/material/AccordionSummary";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { ChevronDown } from "lucide-react";
import type { ReactElement } from "react";
import type { UnlistedContainer } from "../../../../src/contract/overview.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Name } from "../../parts/name.tsx";
import { Printed } from "../../parts/printed.tsx";
import { words } from "../../words.ts";

const { unlisted } = words.overview;

/** Containers with data that nobody has opted in, each with the lines that would. */
export function Unlisted({ containers }: { containers: readonly UnlistedContainer[] }): ReactElement {
  return (
    <Box component="section" aria-labelledby="unlisted" sx={{ mt: 4 }}>
      <Typography variant="h2" id="unlisted">
        {unlisted.title}
      </Typography>
      <Typography color="text.secondary" variant="body2" sx={{ mt: 0.5, mb: 1.5 }}>
        {unlisted.help}
      </Typography>
      {containers.map((container) => (
        <Accordion key={container.name} variant="outlined" disableGutters>
          <AccordionSummary expandIcon={<ChevronDown size={18} />}>
            <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
              <Typography component="span" sx={{ fontWeight: 600 }}>
                {container.name}
              </Typography>{" "}
              <Typography component="span" variant="body2" color="text.secondary">
                <Name text={unlisted.keeps(container.sources.join(", "))} />
              </Typography>
            </Box>
          </AccordionSummary>
          <AccordionDetails>
            <Printed text={container.yaml} tallest={260} />
            <Box sx={{ mt: 1.5 }}>
              <CopyButton text={container.yaml} label={unlisted.copy} />
            </Box>
          </AccordionDetails>
        </Accordion>
      ))}
    </Box>
  );
}
