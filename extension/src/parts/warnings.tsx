import Alert from "@mui/material/Alert";
import type { ReactElement } from "react";
import type { Warning } from "../../../src/contract/module.ts";
import { Told } from "./told.tsx";

const severities = { note: "info", warning: "warning", error: "error" } as const;

/** What a person should see of a module or a backup, each with what to do next. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }): ReactElement {
  return (
    <>
      {warnings.map(({ severity, message, hint }) => (
        <Alert
          key={message}
          severity={severities[severity]}
          variant="outlined"
          sx={{ mt: 1, overflowWrap: "anywhere" }}
        >
          <Told text={message} hint={hint} />
        </Alert>
      ))}
    </>
  );
}
