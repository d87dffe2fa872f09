import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Button from "@mui/material/Button";
import type { ReactElement } from "react";
import { words } from "../words.ts";
import { Told } from "./told.tsx";

/** What a failure tells a person. */
export interface ToldFailure {
  message: string;
  /** What to do next. */
  hint?: string | null | undefined;
}

interface ProblemProps {
  failure: ToldFailure;
  onRetry?: () => void;
  onClose?: () => void;
}

/** What went wrong, and what to do next. */
export function Problem({ failure, onRetry, onClose }: ProblemProps): ReactElement {
  return (
    <Alert
      severity="error"
      variant="outlined"
      sx={{ bgcolor: "background.paper", overflowWrap: "anywhere" }}
      {...(onClose && { onClose })}
      {...(onRetry && {
        action: (
          <Button color="inherit" size="small" onClick={onRetry}>
            {words.failures.retry}
          </Button>
        ),
      })}
    >
      <AlertTitle>
        <Told text={failure.message} />
      </AlertTitle>
      {failure.hint != null && <Told text={failure.hint} />}
    </Alert>
  );
}
