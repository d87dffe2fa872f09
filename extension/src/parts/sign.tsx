import type { IconNode } from "lucide";
import type { ReactElement } from "react";

interface SignProps {
  of: IconNode;
  /** In pixels, each way. */
  size: number;
  strokeWidth?: number;
  className?: string;
}

/** A sign of Lucide's, in the colour of the text; what it stands beside says it in words. Lucide's own part takes React three times as long. */
export function Sign({ of, size, strokeWidth = 2, className }: SignProps): ReactElement {
  return (
    <svg
      className={className}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={strokeWidth}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      {of.map(([Shape, attributes], at) => (
        // A sign never changes.
        <Shape key={`${at}`} {...attributes} />
      ))}
    </svg>
  );
}
