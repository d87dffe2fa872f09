import { type ReactElement, useEffect } from "react";
import { useHome } from "../data/home.ts";
import type { ToldFailure } from "./problem.tsx";
import { Problem } from "./problem.tsx";
import "./notice.css";

interface NoticeProps {
  /** The same object for as long as it is the same failure; null for none. */
  failure: ToldFailure | null;
  onClose: () => void;
}

/** Tells a failure beside the view: at the foot of the page until it is closed, in Docker Desktop as one of its toasts. */
export function Notice({ failure, onClose }: NoticeProps): ReactElement | null {
  const { desktop } = useHome();
  useEffect(() => {
    if (desktop === null || failure === null) return;
    desktop.desktopUI.toast.error(plain(failure));
    onClose();
    // A new function for each drawing is no other failure.
  }, [desktop, failure]);
  if (desktop !== null || failure === null) return null;
  return (
    <div className="notice">
      <Problem failure={failure} onClose={onClose} />
    </div>
  );
}

/** A toast shows text alone, in one piece. */
function plain({ message, hint }: ToldFailure): string {
  return (hint == null ? message : `${message}: ${hint}`).replaceAll("`", "");
}
