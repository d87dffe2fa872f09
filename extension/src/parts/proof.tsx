import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";
import { Copy, LifeBuoy, ShieldCheck, ShieldX } from "lucide";
import type { ReactElement } from "react";
import type { BackupRow } from "../../../src/contract/api.ts";
import { ago, duration } from "../amounts.ts";
import { visibleText } from "../visible-text.ts";
import { words } from "../words.ts";
import { Sign } from "./sign.tsx";

const signs = { verified: ShieldCheck, drilled: LifeBuoy, copied: Copy } as const;

/** What has been proved of one backup, as small signs with words. */
export function Proof({ row }: { row: Pick<BackupRow, "evidence"> }): ReactElement {
  const newest = (["verified", "drilled", "copied"] as const).flatMap((kind) => {
    const found = row.evidence.findLast((one) => one.kind === kind);
    return found === undefined ? [] : [{ kind, found }];
  });
  return (
    <Box component="span" sx={{ display: "inline-flex", gap: 1 }}>
      {newest.map(({ kind, found }) => {
        const sign = found.ok ? signs[kind] : ShieldX;
        const word = found.ok ? words.ladder[kind] : words.proof.failed[kind];
        const took = kind === "drilled" && found.ok ? `, ${words.proof.recovered(duration(found.ms))}` : "";
        return (
          <Tooltip
            key={kind}
            title={`${word} ${ago(found.at)}${took}${found.detail === undefined ? "" : `: ${visibleText(found.detail)}`}`}
          >
            <Box
              component="span"
              sx={{
                display: "inline-flex",
                alignItems: "center",
                gap: 0.4,
                fontSize: "0.8rem",
                color: found.ok ? "success.main" : "error.main",
              }}
            >
              <Sign of={sign} size={15} />
              {word}
            </Box>
          </Tooltip>
        );
      })}
    </Box>
  );
}
