import type { ReactElement } from "react";
import { Name } from "./name.tsx";

interface ToldProps {
  text: string;
  /** What to do next, on a line of its own. */
  hint?: string | null | undefined;
}

/** A sentence of Davit's own; what stands in backquotes there is code. */
export function Told({ text, hint }: ToldProps): ReactElement {
  const parts = text.split("`");
  return (
    <>
      {parts.map((part, at) =>
        at % 2 === 0 ? (
          // Its place in the sentence is all that a part has.
          <Name key={`${at}`} text={part} />
        ) : (
          <code key={`${at}`}>
            <Name text={part} />
          </code>
        ),
      )}
      {hint != null && (
        <>
          <br />
          <Told text={hint} />
        </>
      )}
    </>
  );
}
