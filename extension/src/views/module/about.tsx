import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import type { ReactElement, ReactNode } from "react";
import type { ModuleView } from "../../../../src/contract/api.ts";
import type { SettingOrigin } from "../../../../src/contract/module.ts";
import type { Overview } from "../../../../src/contract/overview.ts";
import { useAnswer } from "../../data/queries.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { DesktopLink } from "../../parts/desktop-link.tsx";
import { Name } from "../../parts/name.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { words } from "../../words.ts";

/** What a module consists of, and its settings with where each comes from. */
export function About({ name }: { name: string }): ReactElement {
  const module = useAnswer<ModuleView>(`/api/v1/modules/${name}`);
  const overview = useAnswer<Overview>("/api/v1/overview");
  if (module.data === undefined)
    return module.error === null ? <Skeleton variant="rounded" height={200} /> : <Problem failure={module.error} />;
  const { containers, sources, leftOut, origins = [] } = module.data;
  const portainer = overview.data?.portainer ?? null;
  return (
    <>
      <Section title={words.module.about}>
        <Box
          sx={{
            display: "grid",
            gap: 1.5,
            gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "repeat(2, minmax(0, 1fr))" },
          }}
        >
          <List title={words.module.containers}>
            {containers.map(({ id, name: container, image, running }) => (
              <li key={id}>
                <strong>{container}</strong> <Name text={image} />,{" "}
                {running ? words.module.running : words.module.stopped}
                {portainer !== null && (
                  <ButtonLink
                    little
                    href={`${portainer.url}/#!/${portainer.environment}/docker/containers/${id}`}
                    target="_blank"
                    rel="noreferrer"
                  >
                    {words.module.portainer}
                  </ButtonLink>
                )}
                <DesktopLink name={container} container={id} />
              </li>
            ))}
          </List>
          <List title={words.module.sources}>
            {sources.map(({ path, volume }) => (
              <li key={path}>
                <Name text={volume === undefined ? path : `${volume} (${path})`} />
                {volume !== undefined && <DesktopLink name={volume} />}
              </li>
            ))}
            {leftOut.length > 0 && (
              <Box component="li" sx={{ listStyle: "none", ml: -2.5, mt: 1, color: "text.secondary" }}>
                {words.module.leftOut}
              </Box>
            )}
            {leftOut.map(({ path, reason }) => (
              <Box component="li" key={path} sx={{ color: "text.secondary" }}>
                <Name text={`${path}: ${reason}`} />
              </Box>
            ))}
          </List>
        </Box>
      </Section>
      <Section title={words.module.settings} help={words.module.settingsHelp}>
        <Settings settings={origins} />
      </Section>
    </>
  );
}

function List({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <Paper variant="outlined" sx={{ p: 2, minWidth: 0 }}>
      <Typography variant="h3" sx={{ mb: 0.75 }}>
        {title}
      </Typography>
      <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: "0.9rem", overflowWrap: "anywhere" }}>
        {children}
      </Box>
    </Paper>
  );
}

function Settings({ settings }: { settings: readonly SettingOrigin[] }): ReactElement {
  return (
    <TableContainer component={Paper} variant="outlined" tabIndex={0} aria-label={words.module.settings}>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>{words.module.setting}</TableCell>
            <TableCell>{words.module.value}</TableCell>
            <TableCell>{words.module.from}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {settings.map(({ name, value, from }) => (
            <TableRow key={name}>
              <TableCell component="th" scope="row" sx={{ whiteSpace: "nowrap" }}>
                {name}
              </TableCell>
              <TableCell sx={{ overflowWrap: "anywhere", minWidth: 140 }}>
                {value === null ? words.module.unset : <Name text={value} />}
              </TableCell>
              <TableCell sx={{ color: "text.secondary" }}>{from ?? words.module.fallback}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
