import Box from "@mui/material/Box";
import Breadcrumbs from "@mui/material/Breadcrumbs";
import InputAdornment from "@mui/material/InputAdornment";
import Link from "@mui/material/Link";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { Search } from "lucide";
import { type ReactElement, useDeferredValue, useState } from "react";
import { counted } from "../../amounts.ts";
import { useHome } from "../../data/home.ts";
import { Button } from "../../parts/button.tsx";
import { Name } from "../../parts/name.tsx";
import { Sign } from "../../parts/sign.tsx";
import { words } from "../../words.ts";
import { type EntryPath, nameOf, pathQuery } from "./entry-path.ts";
import { EntryList } from "./entry-list.tsx";
import { Preview } from "./preview.tsx";

interface FilesProps {
  /** The backup's route. */
  path: string;
  onRestore: (paths: readonly EntryPath[]) => void;
}

const root: EntryPath = { path: "" };

/** What is in a backup, as a tree or as what a search finds; files are shown, downloaded and chosen to be restored. */
export function Files({ path, onRestore }: FilesProps): ReactElement {
  // The way down from the root: each folder by its path, since one that is not UTF-8 can't be taken apart as a text.
  const [way, setWay] = useState<readonly EntryPath[]>([]);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<ReadonlyMap<string, EntryPath>>(new Map());
  const [shown, setShown] = useState<EntryPath | null>(null);
  const query = useDeferredValue(typed.trim());
  const folder = way.at(-1) ?? root;
  const { download } = useHome().transport;

  function choose(entry: EntryPath, on: boolean): void {
    const next = new Map(chosen);
    if (on) next.set(entry.path64 ?? entry.path, entry);
    else next.delete(entry.path64 ?? entry.path);
    setChosen(next);
  }

  return (
    <>
      <TextField
        type="search"
        size="small"
        fullWidth
        label={words.files.search}
        placeholder={words.files.searchHelp}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        slotProps={{
          input: {
            startAdornment: (
              <InputAdornment position="start">
                <Sign of={Search} size={16} />
              </InputAdornment>
            ),
          },
        }}
        sx={{ mb: 1.5 }}
      />
      {query === "" && (
        <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", mb: 1, gap: 1 }}>
          <Breadcrumbs aria-label={words.files.way} sx={{ flex: 1, overflowWrap: "anywhere" }}>
            <Link component="button" onClick={() => setWay([])} underline="hover">
              {words.files.root}
            </Link>
            {way.map((one, at) => (
              <Link
                key={one.path64 ?? one.path}
                component="button"
                onClick={() => setWay(way.slice(0, at + 1))}
                underline="hover"
              >
                <Name text={nameOf(one.path)} />
              </Link>
            ))}
          </Breadcrumbs>
          {download !== null && (
            <Button little onClick={() => download(`${path}/archive?${pathQuery(folder)}`)}>
              {words.files.downloadFolder}
            </Button>
          )}
        </Box>
      )}
      <EntryList
        key={`${query} ${folder.path64 ?? folder.path}`}
        route={path}
        folder={folder}
        query={query}
        isChosen={(entry) => chosen.has(entry.path64 ?? entry.path)}
        onChoose={choose}
        onOpen={(entry) => {
          setTyped("");
          setWay(query === "" ? [...way, entry] : [entry]);
        }}
        onShow={setShown}
      />
      {chosen.size > 0 && (
        <Box
          sx={{
            position: "sticky",
            bottom: 12,
            mt: 2,
            p: 1.5,
            display: "flex",
            alignItems: "center",
            gap: 2,
            bgcolor: "background.paper",
            border: 1,
            borderColor: "divider",
            borderRadius: 1,
            boxShadow: 3,
          }}
        >
          <Typography variant="body2" sx={{ flex: 1 }} role="status">
            {words.files.chosen(counted(chosen.size, "item"))}
          </Typography>
          <Button onClick={() => setChosen(new Map())}>{words.common.cancel}</Button>
          <Button look="filled" onClick={() => onRestore([...chosen.values()])}>
            {words.backup.restore}
          </Button>
        </Box>
      )}
      {shown !== null && <Preview route={path} entry={shown} onClose={() => setShown(null)} />}
    </>
  );
}
