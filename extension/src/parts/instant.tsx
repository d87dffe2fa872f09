import Tooltip from "@mui/material/Tooltip";
import type { ReactElement } from "react";
import { ago, clock } from "../amounts.ts";
import { words } from "../words.ts";

/** An instant as a person reads it: how long ago, with the time in their zone and in UTC when they point at it. */
export function Instant({ at, exact = false }: { at: string; exact?: boolean }): ReactElement {
  const utc = words.common.utc(new Date(at).toISOString().slice(0, 16).replace("T", " "));
  return (
    <Tooltip title={exact ? utc : `${clock(at)}, ${utc}`}>
      <time dateTime={at}>{exact ? clock(at) : ago(at)}</time>
    </Tooltip>
  );
}
