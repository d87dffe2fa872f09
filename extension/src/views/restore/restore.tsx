import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import Radio from "@mui/material/Radio";
import RadioGroup from "@mui/material/RadioGroup";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useDeferredValue, useId, useState } from "react";
import type { RestorePreview } from "../../../../src/contract/api.ts";
import { counted } from "../../amounts.ts";
import { useHome } from "../../data/home.ts";
import { useStartedRun } from "../../data/use-started-run.ts";
import { Button } from "../../parts/button.tsx";
import { Problem } from "../../parts/problem.tsx";
import type { ApiFailure } from "../../transport/transport.ts";
import { words } from "../../words.ts";
import type { EntryPath } from "../backup/entry-path.ts";
import { Consequences } from "./consequences.tsx";
import { Restoring } from "./restoring.tsx";

interface RestoreProps {
  module: string;
  /** The backup's route. */
  path: string;
  /** Only these files and folders; everything where there are none. */
  paths: readonly EntryPath[];
  onClose: () => void;
}

/** Restores a backup or a part of it: shows what that will do, asks for the module's name where data is replaced, then shows how it goes. */
export function Restore({ module, path, paths, onClose }: RestoreProps): ReactElement {
  const { transport, desktop } = useHome();
  const narrow = useMediaQuery("(max-width: 600px)");
  const title = useId();
  const [place, setPlace] = useState<"in-place" | "folder">("folder");
  const [folder, setFolder] = useState("");
  const [typed, setTyped] = useState("");
  const starting = useStartedRun();
  const wanted = useDeferredValue(folder.trim());
  const body = { ...requestedPaths(paths), ...(place === "in-place" ? { inPlace: true } : { target: wanted }) };
  const asked = place === "in-place" || wanted.startsWith("/");
  const preview = useQuery<RestorePreview, ApiFailure>({
    queryKey: [path, "preview", body],
    queryFn: async () => (await transport.request("POST", `${path}/restore/preview`, body)) as RestorePreview,
    enabled: asked && starting.run === null,
    retry: false,
  });
  const confirmed = place === "folder" || typed.trim() === module;

  async function chooseFolder(): Promise<void> {
    const chosen = await desktop?.desktopUI.dialog.showOpenDialog({ properties: ["openDirectory", "createDirectory"] });
    const [first] = chosen?.filePaths ?? [];
    if (first !== undefined) setFolder(first);
  }

  if (starting.run !== null)
    return <Restoring run={starting.run} module={module} inPlace={place === "in-place"} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} maxWidth="sm" fullWidth fullScreen={narrow}>
      <DialogTitle id={title}>
        {paths.length === 0 ? words.restore.title(module) : words.restore.titleParts(counted(paths.length, "item"))}
      </DialogTitle>
      <DialogContent>
        <RadioGroup
          value={place}
          onChange={(_event, value) => setPlace(value === "in-place" ? value : "folder")}
          aria-label={words.restore.where}
        >
          <FormControlLabel value="folder" control={<Radio />} label={words.restore.folder} />
          <FormControlLabel value="in-place" control={<Radio />} label={words.restore.inPlace} />
        </RadioGroup>
        {place === "folder" && (
          <TextField
            label={words.restore.target}
            placeholder="/mnt/restored"
            value={folder}
            onChange={({ target }) => setFolder(target.value)}
            helperText={words.restore.targetHelp}
            fullWidth
            margin="dense"
            autoComplete="off"
            slotProps={{
              input: {
                endAdornment: desktop !== null && (
                  <Button onClick={() => void chooseFolder()}>{words.restore.choose}</Button>
                ),
              },
            }}
          />
        )}
        <Consequences path={path} preview={preview.data ?? null} asked={asked} />
        {asked && preview.error !== null && <Problem failure={preview.error} onRetry={() => void preview.refetch()} />}
        {place === "in-place" && preview.data !== undefined && (
          <TextField
            label={words.restore.confirm(module)}
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
            fullWidth
            margin="normal"
            autoComplete="off"
          />
        )}
        {starting.failure !== null && <Problem failure={starting.failure} />}
      </DialogContent>
      <DialogActions sx={{ p: 2 }}>
        <Typography variant="body2" color="text.secondary" sx={{ flex: 1, pl: 1 }}>
          {place === "in-place" ? words.restore.undoable : words.restore.touchesNothing}
        </Typography>
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button
          look="filled"
          warn={place === "in-place"}
          disabled={preview.data === undefined || !confirmed}
          busy={starting.isPending}
          onClick={() => starting.start(`${path}/restore`, body)}
        >
          {words.restore.start}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function requestedPaths(paths: readonly EntryPath[]): { paths: string[]; paths64: string[] } {
  return {
    paths: paths.flatMap(({ path, path64 }) => (path64 === undefined ? [path] : [])),
    paths64: paths.flatMap(({ path64 }) => (path64 === undefined ? [] : [path64])),
  };
}
