import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import type { ReactElement } from "react";
import type { DoctorCheck } from "../../../../src/contract/api.ts";
import type { Overview } from "../../../../src/contract/overview.ts";
import { useHome } from "../../data/home.ts";
import { useAnswer } from "../../data/queries.ts";
import { Alert } from "../../parts/alert.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { Title } from "../../parts/title.tsx";
import { VaultPlace } from "../../parts/vault-place.tsx";
import { Warnings } from "../../parts/warnings.tsx";
import { words } from "../../words.ts";
import { configRows } from "./config-rows.ts";
import { Notifications } from "./notifications.tsx";
import { Password } from "./password.tsx";
import { Tokens } from "./tokens.tsx";

/** How this Davit is set up, and who may use it. */
export function Settings(): ReactElement {
  const { transport } = useHome();
  return (
    <>
      <Title name={words.settings.title} />
      <Doctor />
      <Vault />
      <Notifications />
      {transport.home === "browser" && (
        <>
          <Tokens />
          <Password />
        </>
      )}
      <Config />
    </>
  );
}

function Vault(): ReactElement {
  const overview = useAnswer<Overview>("/api/v1/overview");
  return (
    <Section title={words.vault.title}>
      {overview.error !== null && <Problem failure={overview.error} />}
      {overview.isPending && <Skeleton variant="rounded" height={48} />}
      {overview.data !== undefined && <VaultPlace vault={overview.data.vault} />}
    </Section>
  );
}

function Doctor(): ReactElement {
  const report = useAnswer<{ checks: DoctorCheck[] }>("/api/v1/doctor");
  const bad = (report.data?.checks ?? []).flatMap(({ status, ...told }) =>
    status === "ok" ? [] : [{ ...told, severity: status }],
  );
  return (
    <Section title={words.settings.doctor}>
      {report.error !== null && <Problem failure={report.error} />}
      {report.isPending && <Skeleton variant="rounded" height={48} />}
      {report.data !== undefined && bad.length === 0 && <Alert tone="good">{words.settings.doctorGood}</Alert>}
      <Warnings warnings={bad} />
    </Section>
  );
}

function Config(): ReactElement {
  const config = useAnswer<Record<string, unknown>>("/api/v1/config");
  return (
    <Section title={words.settings.config} help={words.settings.configHelp}>
      {config.error !== null && <Problem failure={config.error} />}
      {config.data !== undefined && (
        <Paper variant="outlined" sx={{ p: 2, minWidth: 0 }}>
          <Box
            component="dl"
            sx={{
              m: 0,
              display: "grid",
              gridTemplateColumns: { xs: "minmax(0, 1fr)", sm: "minmax(0, 14rem) minmax(0, 1fr)" },
              columnGap: 2,
              rowGap: { xs: 0.25, sm: 0.75 },
              fontSize: "0.875rem",
              overflowWrap: "anywhere",
            }}
          >
            {configRows(config.data).map(([name, text]) => (
              <Box key={name} sx={{ display: "contents" }}>
                <Box component="dt" sx={{ color: "text.secondary" }}>
                  {name}
                </Box>
                <Box
                  component="dd"
                  sx={{
                    m: 0,
                    mb: { xs: 1, sm: 0 },
                    ...(text === null ? { color: "text.secondary" } : { fontFamily: "monospace" }),
                  }}
                >
                  {text ?? words.settings.configNone}
                </Box>
              </Box>
            ))}
          </Box>
        </Paper>
      )}
    </Section>
  );
}
