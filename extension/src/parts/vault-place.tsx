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
    <div className="prose">
      <p>
        <Told text={volume === null ? text.folder(path) : text.volume(volume, path)} />
      </p>
      {desktop !== null && (
        <p className="small muted">
          <Told text={volume === null ? text.folderStays : text.volumeStays} />
        </p>
      )}
      {volume !== null && <DesktopLink name={volume} />}
    </div>
  );
}
