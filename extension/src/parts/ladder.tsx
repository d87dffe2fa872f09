import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";
import { Archive, Copy, LifeBuoy, ShieldCheck } from "lucide-react";
import type { ReactElement } from "react";
import type { Ladder as Rungs } from "../../../src/contract/overview.ts";
import { ago, duration } from "../amounts.ts";
import { words } from "../words.ts";
import { OnlySpoken } from "./only-spoken.tsx";

const rungs = [
  { key: "sealed", Sign: Archive },
  { key: "verified", Sign: ShieldCheck },
  { key: "drilled", Sign: LifeBuoy },
  { key: "copied", Sign: Copy },
] as const;

/** How far the backups of a module have climbed. Each rung is told in words as well. */
export function Ladder({ ladder }: { ladder: Rungs }): ReactElement {
  return (
    <Box
      component="ul"
      aria-label={words.ladder.label}
      sx={{
        display: "flex",
        flexWrap: "wrap",
        gap: { xs: 0.5, sm: 0.75 },
        m: 0,
        p: 0,
        listStyle: "none",
        // Styles for each rung would make hundreds of ladders slow to draw.
        "& > li": {
          display: "inline-flex",
          alignItems: "center",
          gap: 0.5,
          px: { xs: 0.75, sm: 1 },
          py: 0.25,
          borderRadius: 99,
          position: "relative",
          fontSize: { xs: "0.75rem", sm: "0.8rem" },
          fontWeight: 550,
          border: 1,
          borderStyle: "dashed",
          borderColor: "divider",
          color: "text.secondary",
        },
        "& > li > svg": { display: { xs: "none", sm: "block" } },
        "& > li[data-reached]": { borderStyle: "solid", borderColor: "success.main", color: "success.main" },
      }}
    >
      {rungs.map(({ key, Sign }) => {
        const at = key === "drilled" ? (ladder.drilled?.at ?? null) : ladder[key];
        const name = words.ladder[key];
        const recovery = key === "drilled" && ladder.drilled !== null ? `, ${duration(ladder.drilled.ms)}` : "";
        const told = at === null ? words.ladder.open(name) : words.ladder.reached(name, ago(at)) + recovery;
        return (
          <Tooltip key={key} title={`${told}: ${words.ladder.means[key]}`}>
            <li data-reached={at === null ? undefined : ""}>
              <Sign size={14} aria-hidden />
              <span aria-hidden>{name}</span>
              <OnlySpoken text={told} />
            </li>
          </Tooltip>
        );
      })}
    </Box>
  );
}
