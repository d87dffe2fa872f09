import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { Overview } from "../../../src/contract/overview.ts";
import { useHome } from "../data/home.ts";
import { words } from "../words.ts";
import { DesktopLink } from "./desktop-link.tsx";
import { Told } from "./told.tsx";

const text = words.vault;

/** Where the backups lie, and in Docker Desktop what becomes of them when the extension is removed. */
export function VaultPlace({ vault: { path, volume } }: { vault: Overview["vault"] }): ReactElement {
  const { desktop } = useHome();
  return (
    <Box sx={{ maxWidth: "75ch", overflowWrap: "anywhere" }}>
      <Typography>
        <Told text={volume === null ? text.folder(path) : text.volume(volume, path)} />
      </Typography>
      {desktop !== null && (
        <Typography color="text.secondary" variant="body2" sx={{ mt: 0.75 }}>
          <Told text={volume === null ? text.folderStays : text.volumeStays} />
        </Typography>
      )}
      {volume !== null && <DesktopLink name={volume} />}
    </Box>
  );
}
