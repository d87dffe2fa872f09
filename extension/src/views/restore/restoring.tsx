import { Alert } from "../../parts/alert.tsx";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Link from "@mui/material/Link";
import { type ReactElement, useId, useState } from "react";
import { useChange } from "../../data/queries.ts";
import { useRun } from "../../data/use-run.ts";
import { useStartedRun } from "../../data/use-started-run.ts";
import { Button } from "../../parts/button.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Told } from "../../parts/told.tsx";
import { words } from "../../words.ts";

interface RestoringProps {
  run: string;
  module: string;
  inPlace: boolean;
  onClose: () => void;
}

const text = words.restore;

/** A restore as it goes on, and how it ended; the way back, where data was replaced. */
export function Restoring({ run, module, inPlace, onClose }: RestoringProps): ReactElement {
  const title = useId();
  const [current, setCurrent] = useState({ run, kind: "restore" });
  const now = useRun(current.run);
  const cancel = useChange();
  const undo = useStartedRun();
  if (undo.run !== null && undo.run !== current.run) setCurrent({ run: undo.run, kind: "undo" });
  const done = now.outcome !== null;
  const refused = undo.failure ?? cancel.error;
  const undone = current.kind === "undo";
  return (
    <Dialog open onClose={done ? onClose : undefined} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>{undone ? text.undoing(module) : text.restoring(module)}</DialogTitle>
      <DialogContent>
        {!done && <LiveRun run={current.run} />}
        {done && (
          <Alert tone={now.outcome === "ok" ? "good" : "bad"} role="status">
            {now.outcome === "ok" ? (
              undone ? (
                text.undone
              ) : (
                text.done
              )
            ) : (
              <Told text={now.failure?.message ?? words.outcomes[now.outcome ?? ""] ?? ""} hint={now.failure?.hint} />
            )}
          </Alert>
        )}
        <Link href={`#/activity/${current.run}`} variant="body2" sx={{ display: "inline-block", mt: 1.5 }}>
          {text.showRun}
        </Link>
        {refused !== null && <Problem failure={refused} />}
      </DialogContent>
      <DialogActions sx={{ p: 2 }}>
        {!done && (
          <Button
            warn
            busy={cancel.isPending}
            onClick={() => cancel.mutate({ path: `/api/v1/runs/${current.run}/cancel` })}
          >
            {words.activity.cancel}
          </Button>
        )}
        {done && inPlace && !undone && now.outcome === "ok" && (
          <Button warn busy={undo.isPending} onClick={() => undo.start(`/api/v1/modules/${module}/undo`)}>
            {text.undo}
          </Button>
        )}
        <Button onClick={onClose} look={done ? "filled" : "text"}>
          {done ? words.common.close : text.leave}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
