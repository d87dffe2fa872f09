import Accordion from "@mui/material/Accordion";
import AccordionDetails from "@mui/material/AccordionDetails";
import AccordionSummary from "@mui/material/AccordionSummary";
import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Typography from "@mui/material/Typography";
import { ChevronDown } from "lucide";
import { type ReactElement, useId, useState } from "react";
import type { PointSummary } from "../../../../src/contract/machine.ts";
import { backupInstant, clock, counted, dayOf, size } from "../../amounts.ts";
import { useHome } from "../../data/home.ts";
import { Button } from "../../parts/button.tsx";
import { Proof } from "../../parts/proof.tsx";
import { Sign } from "../../parts/sign.tsx";
import { words } from "../../words.ts";

const text = words.machines;

/** A machine's chains, newest first, each with its points. */
export function Chains({ machine, points }: { machine: string; points: readonly PointSummary[] }): ReactElement {
  const chains = [...Map.groupBy(points, ({ chain }) => chain)];
  return (
    <Box sx={{ mt: 2 }}>
      {chains.map(([chain, own], at) => (
        <Accordion key={chain} variant="outlined" disableGutters defaultExpanded={at === 0}>
          <AccordionSummary expandIcon={<Sign of={ChevronDown} size={18} />}>
            <Typography sx={{ fontWeight: 600 }}>
              {text.chain(dayOf(backupInstant(chain)), counted(own.length, "point"), size(bytesOf(own)))}
            </Typography>
          </AccordionSummary>
          <AccordionDetails sx={{ pt: 0 }}>
            <Box component="ul" aria-label={text.points} sx={{ m: 0, p: 0, listStyle: "none" }}>
              {own.map((point) => (
                <Point key={point.id} machine={machine} point={point} />
              ))}
            </Box>
          </AccordionDetails>
        </Accordion>
      ))}
    </Box>
  );
}

function bytesOf(points: readonly PointSummary[]): number {
  return points.reduce(
    (sum, { manifest }) => sum + (manifest?.disks ?? []).reduce((all, disk) => all + disk.bytes, 0),
    0,
  );
}

function Point({ machine, point }: { machine: string; point: PointSummary }): ReactElement {
  const { manifest, time, problem } = point;
  const rest = manifest?.quiesce.used.map((one) => text.rest[one]).join(", ");
  const facts =
    manifest === null
      ? []
      : [text.types[manifest.type], size(bytesOf([point])), rest === "" ? text.nothingHeld : (rest ?? "")];
  return (
    <Box component="li" sx={{ py: 1, "&:not(:first-of-type)": { borderTop: 1, borderColor: "divider" } }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 2, rowGap: 0.5 }}>
        <Typography component="span" sx={{ fontWeight: 600 }}>
          {clock(manifest?.taken ?? backupInstant(time))}
        </Typography>
        <Proof row={point} />
        <Typography component="span" variant="body2" color="text.secondary" sx={{ ml: { sm: "auto" } }}>
          {facts.join(" · ")}
        </Typography>
        {point.screenshot && <Screenshot machine={machine} point={point} />}
      </Box>
      {problem !== null && (
        <Typography variant="body2" sx={{ color: "error.main" }}>
          {problem}
        </Typography>
      )}
      {manifest?.fallback != null && (
        <Typography variant="body2" color="text.secondary">
          {text.fallback(manifest.fallback)}
        </Typography>
      )}
    </Box>
  );
}

function Screenshot({ machine, point }: { machine: string; point: PointSummary }): ReactElement {
  const { transport } = useHome();
  const title = useId();
  const [open, setOpen] = useState(false);
  const address = new URL(`api/v1/machines/${machine}/points/${point.chain}/${point.time}/screenshot`, document.baseURI)
    .href;
  return (
    <>
      <Button little onClick={() => setOpen(true)}>
        {text.screenshot}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} aria-labelledby={title} maxWidth="md">
        <DialogTitle id={title}>{text.screenshot}</DialogTitle>
        <DialogContent>
          {transport.home === "desktop" ? (
            <Typography>{text.noScreenshot}</Typography>
          ) : (
            <Box
              component="img"
              src={address}
              alt={text.screenshotOf(clock(backupInstant(point.time)))}
              sx={{ maxWidth: "100%", display: "block" }}
            />
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={() => setOpen(false)}>{words.common.close}</Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
