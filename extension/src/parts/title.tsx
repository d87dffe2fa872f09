import { ChevronRight } from "lucide";
import { type ReactElement, type ReactNode, useEffect } from "react";
import { words } from "../words.ts";
import { Sign } from "./sign.tsx";
import "./title.css";

interface TitleProps {
  /** What lies above this view, outermost first. */
  above?: readonly { name: string; href: string }[];
  name: string;
  /** Stands behind the name. */
  state?: ReactNode;
  actions?: ReactNode;
}

/** The head of a view: where it lies, its name, and what can be done. Names the page in the browser as well. */
export function Title({ above = [], name, state, actions }: TitleProps): ReactElement {
  useEffect(() => {
    document.title = `${name} · ${words.product}`;
    return () => void (document.title = words.product);
  }, [name]);
  return (
    <div className="title">
      {above.length > 0 && (
        <nav aria-label={words.nav.above}>
          {above.map(({ name: upper, href }) => (
            <span key={href}>
              <a className="quiet" href={href}>
                {upper}
              </a>
              <Sign of={ChevronRight} size={14} />
            </span>
          ))}
        </nav>
      )}
      <div>
        <h1>{name}</h1>
        <div className="state">{state}</div>
        <div className="row">{actions}</div>
      </div>
    </div>
  );
}
