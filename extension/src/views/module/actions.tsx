import { Ellipsis } from "lucide";
import { type ReactElement, Suspense } from "react";
import type { OverviewModule } from "../../../../src/contract/overview.ts";
import { useStartedRun } from "../../data/use-started-run.ts";
import { Button } from "../../parts/button.tsx";
import { RefusedRun } from "../../parts/refused-run.tsx";
import { Sign } from "../../parts/sign.tsx";
import { drawnWithMui } from "../../theme/drawn-with-mui.tsx";
import { words } from "../../words.ts";

const MoreActions = drawnWithMui(async () => (await import("./more-actions.tsx")).MoreActions);

/** What can be done with a module as a whole. */
export function Actions({ module }: { module: OverviewModule }): ReactElement {
  const { name, running, gone } = module;
  const starting = useStartedRun();
  const broken = module.warnings.some((one) => one.severity === "error");
  return (
    <>
      {!gone && (
        <Button
          look="filled"
          disabled={broken || running !== null}
          busy={starting.isPending}
          onClick={() => starting.start(`/api/v1/modules/${name}/backup`)}
        >
          {words.module.backUp}
        </Button>
      )}
      <Suspense
        fallback={
          <Button look="outlined" disabled aria-label={words.module.more}>
            <Sign of={Ellipsis} size={18} />
          </Button>
        }
      >
        <MoreActions module={module} starting={starting} />
      </Suspense>
      <RefusedRun starting={starting} />
    </>
  );
}
