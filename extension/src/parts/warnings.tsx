import type { ReactElement } from "react";
import type { Warning } from "../../../src/contract/module.ts";
import { Alert } from "./alert.tsx";
import { Told } from "./told.tsx";

const tones = { note: "note", warning: "warn", error: "bad" } as const;

/** What a person should see of a module or a backup, each with what to do next. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }): ReactElement {
  return (
    <div className="stack warnings">
      {warnings.map(({ severity, message, hint }) => (
        <Alert key={message} tone={tones[severity]}>
          <Told text={message} hint={hint} />
        </Alert>
      ))}
    </div>
  );
}
