import Button from "@mui/material/Button";
import type { ReactElement } from "react";
import type { Pages } from "../data/use-pages.ts";
import { words } from "../words.ts";

/** Asks for the next page of a list; nothing where there is none. */
export function MoreButton({
  next,
  isFetchingNext,
}: Pick<Pages<unknown>, "next" | "isFetchingNext">): ReactElement | null {
  if (next === null && !isFetchingNext) return null;
  return (
    <Button onClick={next ?? undefined} loading={isFetchingNext} sx={{ mt: 1 }}>
      {words.files.more}
    </Button>
  );
}
