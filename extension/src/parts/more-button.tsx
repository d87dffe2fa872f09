import type { ReactElement } from "react";
import type { Pages } from "../data/use-pages.ts";
import { words } from "../words.ts";
import { Button } from "./button.tsx";

/** Asks for the next page of a list; nothing where there is none. */
export function MoreButton({
  next,
  isFetchingNext,
}: Pick<Pages<unknown>, "next" | "isFetchingNext">): ReactElement | null {
  if (next === null && !isFetchingNext) return null;
  return (
    <p className="more">
      <Button onClick={next ?? undefined} busy={isFetchingNext}>
        {words.files.more}
      </Button>
    </p>
  );
}
