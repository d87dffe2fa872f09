import { type ComponentType, lazy, type LazyExoticComponent } from "react";

/** A part that is drawn with MUI. It is fetched when it is first drawn, together with MUI, without which the first view does. */
export function drawnWithMui<P extends object>(
  load: () => Promise<ComponentType<P>>,
): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [Part, { WithMui }] = await Promise.all([load(), import("./with-mui.tsx")]);
    return {
      default: (props: P) => (
        <WithMui>
          <Part {...props} />
        </WithMui>
      ),
    };
  });
}
