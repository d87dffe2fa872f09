import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { Ellipsis } from "lucide";
import { type ReactElement, useState } from "react";
import type { OverviewModule } from "../../../../src/contract/overview.ts";
import type { Starting } from "../../data/use-started-run.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Sign } from "../../parts/sign.tsx";
import { words } from "../../words.ts";

interface MoreActionsProps {
  module: OverviewModule;
  starting: Starting;
}

/** What is done with a module less often. */
export function MoreActions({ module: { name, last, running }, starting }: MoreActionsProps): ReactElement {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const [undoing, setUndoing] = useState(false);
  const ofNewest = (what: string) => () => {
    setPlace(null);
    starting.start(`/api/v1/backups/${name}/${last?.time ?? "latest"}/${what}`);
  };
  return (
    <>
      <Button
        look="outlined"
        aria-label={words.module.more}
        aria-haspopup="menu"
        aria-expanded={place !== null}
        onClick={({ currentTarget }) => setPlace(currentTarget)}
      >
        <Sign of={Ellipsis} size={18} />
      </Button>
      <Menu anchorEl={place} open={place !== null} onClose={() => setPlace(null)}>
        <MenuItem disabled={last === null || running !== null} onClick={ofNewest("verify")}>
          {words.module.verify}
        </MenuItem>
        <MenuItem disabled={last === null || running !== null} onClick={ofNewest("drill")}>
          {words.module.drill}
        </MenuItem>
        <MenuItem
          disabled={running !== null}
          onClick={() => {
            setPlace(null);
            setUndoing(true);
          }}
        >
          {words.module.undo}
        </MenuItem>
      </Menu>
      <Confirm
        open={undoing}
        title={words.module.undoTitle(name)}
        action={words.module.undo}
        onClose={() => setUndoing(false)}
        onConfirm={() => {
          setUndoing(false);
          starting.start(`/api/v1/modules/${name}/undo`);
        }}
      >
        {words.module.undoHelp}
      </Confirm>
    </>
  );
}
