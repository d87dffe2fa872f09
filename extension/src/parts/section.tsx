import { type ReactElement, type ReactNode, useId } from "react";
import "./section.css";

interface SectionProps {
  title: string;
  /** A sentence below the title. */
  help?: string;
  /** Stands beside the title, at the far end. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a view under a heading. */
export function Section({ title, help, action, children }: SectionProps): ReactElement {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <div className="row">
        <h2 id={id}>{title}</h2>
        {action}
      </div>
      {help !== undefined && <p className="small muted">{help}</p>}
      {children}
    </section>
  );
}
