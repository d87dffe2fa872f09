import type { ReactElement } from "react";
import { visiblePieces } from "../visible-text.ts";

/** A text that came from elsewhere, such as a file's name: as it stands, with signs for what nobody would see, kept apart from the text around it. */
export function Name({ text }: { text: string }): ReactElement {
  return (
    <bdi>
      {visiblePieces(text).map(({ text: piece, isSign }, at) =>
        isSign ? (
          // Its place in the text is all that a piece has.
          <strong key={`${at}`} className="tone-warn">
            {piece}
          </strong>
        ) : (
          piece
        ),
      )}
    </bdi>
  );
}
