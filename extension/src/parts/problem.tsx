import type { ReactElement } from "react";
import { words } from "../words.ts";
import { Alert } from "./alert.tsx";
import { Button } from "./button.tsx";
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
export function Problem({ failure: { message, hint }, onRetry, onClose }: ProblemProps): ReactElement {
  const retry = onRetry && (
    <Button little onClick={onRetry}>
      {words.failures.retry}
    </Button>
  );
  return (
    <Alert tone="bad" action={retry} onClose={onClose}>
      <strong>
        <Told text={message} />
      </strong>
      {hint != null && (
        <div>
          <Told text={hint} />
        </div>
      )}
    </Alert>
  );
}
