import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
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

/** From so many modules on there is a field to find one. */
const manyModules = 12;

/** Is everything safe? And what is not. */
export function Overview(): ReactElement {
  const answer = useAnswer<Picture>("/api/v1/overview", { everyMs: 5000 });
  const [wanted, setWanted] = useState("");
  const modules = useMemo(() => (answer.data?.modules ?? []).toSorted(byUrgency), [answer.data]);
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
        <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "end", gap: 2, mt: 4, mb: 1.5 }}>
          <Typography variant="h2" sx={{ flex: 1 }}>
            {words.overview.modules}
          </Typography>
          <Typography variant="body2" color="text.secondary">
            {words.overview.vault(vault.volume ?? vault.path, size(vault.bytes), total)}
          </Typography>
          {modules.length >= manyModules && (
            <TextField
              size="small"
              type="search"
              label={words.overview.filter}
              value={wanted}
              onChange={({ target }) => setWanted(target.value)}
              sx={{ width: { xs: "100%", sm: 240 } }}
            />
          )}
        </Box>
      )}
      {modules.length > 0 && shown.length === 0 && (
        <Typography color="text.secondary" role="status">
          {words.overview.noMatch}
        </Typography>
      )}
      <GrowingList items={here}>{(module) => <ModuleCard key={module.name} module={module} />}</GrowingList>
      {gone.length > 0 && (
        <>
          <Typography variant="h2" sx={{ mt: 4, mb: 1.5 }}>
            {words.overview.gone}
          </Typography>
          <GrowingList items={gone}>{(module) => <ModuleCard key={module.name} module={module} />}</GrowingList>
        </>
      )}
      {unlisted.length > 0 && <Unlisted containers={unlisted} />}
    </>
  );
}

function Waiting(): ReactElement {
  return (
    <Box aria-busy aria-label={words.loading}>
      <Skeleton variant="text" width="60%" height={44} />
      <Skeleton variant="text" width="35%" />
      {[0, 1, 2].map((one) => (
        <Skeleton key={one} variant="rounded" height={132} sx={{ mt: 2 }} />
      ))}
    </Box>
  );
}
