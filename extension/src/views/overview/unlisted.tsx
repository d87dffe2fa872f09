import { ChevronDown } from "lucide";
import type { ReactElement } from "react";
import type { UnlistedContainer } from "../../../../src/contract/overview.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Name } from "../../parts/name.tsx";
import { Printed } from "../../parts/printed.tsx";
import { Sign } from "../../parts/sign.tsx";
import { words } from "../../words.ts";
import "./unlisted.css";

const { unlisted } = words.overview;

/** Containers with data that nobody has opted in, each with the lines that would. */
export function Unlisted({ containers }: { containers: readonly UnlistedContainer[] }): ReactElement {
  return (
    <section className="unlisted" aria-labelledby="unlisted">
      <h2 id="unlisted">{unlisted.title}</h2>
      <p className="small muted">{unlisted.help}</p>
      {containers.map((container) => (
        <details key={container.name} className="card">
          <summary>
            <span>
              <strong>{container.name}</strong>{" "}
              <span className="small muted">
                <Name text={unlisted.keeps(container.sources.join(", "))} />
              </span>
            </span>
            <Sign of={ChevronDown} size={18} />
          </summary>
          <Printed text={container.yaml} tallest={260} />
          <CopyButton text={container.yaml} label={unlisted.copy} />
        </details>
      ))}
    </section>
  );
}
