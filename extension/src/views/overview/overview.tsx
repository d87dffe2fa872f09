import { type ReactElement, useMemo, useState } from "react";
import type { Overview as Picture } from "../../../../src/contract/overview.ts";
import { size } from "../../amounts.ts";
import { byUrgency } from "../../data/module-state.ts";
import { useAnswer } from "../../data/queries.ts";
import { GrowingList } from "../../parts/growing-list.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { VaultPlace } from "../../parts/vault-place.tsx";
import { words } from "../../words.ts";
import { Headline } from "./headline.tsx";
import { ModuleCard } from "./module-card.tsx";
import { Unlisted } from "./unlisted.tsx";
import "./overview.css";

/** From so many modules on there is a field to find one. */
const manyModules = 12;

/** Is everything safe? And what is not. */
export function Overview(): ReactElement {
  const answer = useAnswer<Picture>("/api/v1/overview", { everyMs: 5000 });
  const [wanted, setWanted] = useState("");
  const modules = useMemo(() => byUrgency(answer.data?.modules ?? []), [answer.data]);
  if (answer.data === undefined)
    return answer.error === null ? (
      <Waiting />
    ) : (
      <Problem failure={answer.error} onRetry={() => void answer.refetch()} />
    );
  const { unlisted, vault } = answer.data;
  const shown = modules.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const here = shown.filter((module) => !module.gone);
  const gone = shown.filter((module) => module.gone);
  const total = vault.freeBytes === null ? null : size(vault.freeBytes);
  return (
    <>
      {answer.error !== null && <Problem failure={answer.error} onRetry={() => void answer.refetch()} />}
      <Headline modules={modules} />
      {modules.length === 0 && (
        <Section title={words.vault.title}>
          <VaultPlace vault={vault} />
        </Section>
      )}
      {modules.length > 0 && (
        <div className="list-head">
          <h2>{words.overview.modules}</h2>
          <p className="small muted">{words.overview.vault(vault.volume ?? vault.path, size(vault.bytes), total)}</p>
          {modules.length >= manyModules && (
            <label>
              <span className="only-spoken">{words.overview.filter}</span>
              <input
                type="search"
                placeholder={words.overview.filter}
                value={wanted}
                onChange={({ target }) => setWanted(target.value)}
              />
            </label>
          )}
        </div>
      )}
      {modules.length > 0 && shown.length === 0 && (
        <p className="muted" role="status">
          {words.overview.noMatch}
        </p>
      )}
      <GrowingList items={here}>{(module) => <ModuleCard key={module.name} module={module} />}</GrowingList>
      {gone.length > 0 && (
        <>
          <div className="list-head">
            <h2>{words.overview.gone}</h2>
          </div>
          <GrowingList items={gone}>{(module) => <ModuleCard key={module.name} module={module} />}</GrowingList>
        </>
      )}
      {unlisted.length > 0 && <Unlisted containers={unlisted} />}
    </>
  );
}

function Waiting(): ReactElement {
  return (
    <div className="stack" role="status" aria-busy aria-label={words.loading}>
      {[44, 20, 132, 132, 132].map((height, at) => (
        // Nothing but its place tells one from another.
        <div key={`${at}`} className="skeleton" style={{ height, width: height < 100 ? "60%" : "100%" }} />
      ))}
    </div>
  );
}
