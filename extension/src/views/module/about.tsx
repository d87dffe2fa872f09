import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
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
import { useHome } from "../../data/home.ts";
import { useAnswer } from "../../data/queries.ts";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { words } from "../../words.ts";

interface Setting {
  name: string;
  value: string | null;
  source: string;
  meaning: string;
}

/** What a module consists of, and its settings with where each comes from. */
export function About({ name }: { name: string }): ReactElement {
  const { desktop } = useHome();
  const module = useAnswer<ModuleView>(`/api/v1/modules/${name}`);
  const settings = useAnswer<{ settings: Setting[] }>(`/api/v1/modules/${name}/settings`);
  if (module.data === undefined)
    return module.error === null ? <Skeleton variant="rounded" height={200} /> : <Problem failure={module.error} />;
  const { containers, sources, leftOut } = module.data;
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
                <strong>{container}</strong> {image}, {running ? words.module.running : words.module.stopped}
                {desktop !== null && (
                  <Button size="small" onClick={() => void desktop.desktopUI.navigate.viewContainer(id)}>
                    {words.module.desktop}
                  </Button>
                )}
              </li>
            ))}
          </List>
          <List title={words.module.sources}>
            {sources.map(({ path, volume }) => (
              <li key={path}>{volume === undefined ? path : `${volume} (${path})`}</li>
            ))}
            {leftOut.length > 0 && (
              <Box component="li" sx={{ listStyle: "none", ml: -2.5, mt: 1, color: "text.secondary" }}>
                {words.module.leftOut}
              </Box>
            )}
            {leftOut.map(({ path, reason }) => (
              <Box component="li" key={path} sx={{ color: "text.secondary" }}>
                {path}: {reason}
              </Box>
            ))}
          </List>
        </Box>
      </Section>
      <Section title={words.module.settings} help={words.module.settingsHelp}>
        {settings.error !== null && <Problem failure={settings.error} />}
        {settings.data !== undefined && <Settings settings={settings.data.settings} />}
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

function Settings({ settings }: { settings: readonly Setting[] }): ReactElement {
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
          {settings.map(({ name, value, source, meaning }) => (
            <TableRow key={name}>
              <TableCell component="th" scope="row" title={meaning} sx={{ whiteSpace: "nowrap" }}>
                {name}
              </TableCell>
              <TableCell sx={{ overflowWrap: "anywhere", minWidth: 140 }}>{value ?? words.module.unset}</TableCell>
              <TableCell sx={{ color: "text.secondary" }}>{source}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
