import Button from "@mui/material/Button";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { Ellipsis } from "lucide-react";
import { type ReactElement, useState } from "react";
import type { OverviewModule } from "../../../../src/contract/overview.ts";
import { useStartedRun } from "../../data/use-started-run.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { RefusedRun } from "../../parts/refused-run.tsx";
import { words } from "../../words.ts";

/** What can be done with a module as a whole. */
export function Actions({ module }: { module: OverviewModule }): ReactElement {
  const { name, last, running, gone } = module;
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const [undoing, setUndoing] = useState(false);
  const starting = useStartedRun();
  const broken = module.warnings.some((one) => one.severity === "error");
  const ofNewest = (what: string) => () => {
    setPlace(null);
    starting.start(`/api/v1/backups/${name}/${last?.time ?? "latest"}/${what}`);
  };
  return (
    <>
      {!gone && (
        <Button
          variant="contained"
          disabled={broken || running !== null}
          loading={starting.isPending}
          onClick={() => starting.start(`/api/v1/modules/${name}/backup`)}
        >
          {words.module.backUp}
        </Button>
      )}
      <Button
        variant="outlined"
        aria-label={words.module.more}
        aria-haspopup="menu"
        aria-expanded={place !== null}
        onClick={({ currentTarget }) => setPlace(currentTarget)}
        sx={{ minWidth: 44 }}
      >
        <Ellipsis size={18} />
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
      <RefusedRun starting={starting} />
    </>
  );
}
