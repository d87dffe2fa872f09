import type { ReactElement, ReactNode } from "react";
import "./facts.css";

/** Names and values in a row that wraps. */
export function Facts({ children }: { children: ReactNode }): ReactElement {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name} </dt>
      <dd>{children}</dd>
    </div>
  );
}
