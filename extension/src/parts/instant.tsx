import type { ReactElement } from "react";
import { ago, clock } from "../amounts.ts";
import { words } from "../words.ts";

/** An instant as a person reads it: how long ago, with the time in their zone and in UTC when they point at it. */
export function Instant({ at, exact = false }: { at: string; exact?: boolean }): ReactElement {
  return (
    // Told when it is wanted: of all that a list of modules shows, this would take the longest to make.
    <time dateTime={at} onMouseEnter={({ currentTarget }) => (currentTarget.title = told(at, exact))}>
      {exact ? clock(at) : ago(at)}
    </time>
  );
}

function told(at: string, exact: boolean): string {
  const utc = words.common.utc(new Date(at).toISOString().slice(0, 16).replace("T", " "));
  return exact ? utc : `${clock(at)}, ${utc}`;
}
