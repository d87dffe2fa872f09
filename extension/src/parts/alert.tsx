import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from "lucide";
import type { ReactElement, ReactNode } from "react";
import { words } from "../words.ts";
import "./alert.css";
import { Button } from "./button.tsx";
import { Sign } from "./sign.tsx";

const signs = { good: CircleCheck, note: Info, warn: TriangleAlert, bad: CircleAlert } as const;

interface AlertProps {
  tone: keyof typeof signs;
  /** Read aloud at once, or when there is time for it. */
  role?: "alert" | "status";
  /** Stands at its end: a button. */
  action?: ReactNode;
  onClose?: (() => void) | undefined;
  children: ReactNode;
}

/** Something that a person should see, in a frame with a sign. */
export function Alert({ tone, role = "alert", action, onClose, children }: AlertProps): ReactElement {
  const sign = signs[tone];
  return (
    <div className={`alert ${tone}`} role={role}>
      <Sign of={sign} size={20} />
      <div>{children}</div>
      {action}
      {onClose !== undefined && (
        <Button little className="icon" aria-label={words.common.close} onClick={onClose}>
          <Sign of={X} size={18} />
        </Button>
      )}
    </div>
  );
}
