import { type ReactElement, type ReactNode, startTransition, useEffect, useRef, useState } from "react";

/** As many as are drawn at once, so that something stands there early, and as many as are added whenever the end comes near. */
const atFirst = 3;
const atOnce = 8;
const nearby = "200px";

interface GrowingListProps<T> {
  items: readonly T[];
  children: (item: T) => ReactNode;
}

/** A list of which no more is drawn than was scrolled to: hundreds of cards would keep a slow computer busy for seconds. */
export function GrowingList<T>({ items, children }: GrowingListProps<T>): ReactElement {
  const [shown, setShown] = useState(atFirst);
  const end = useRef<HTMLDivElement>(null);
  const isWhole = shown >= items.length;
  useEffect(() => {
    if (end.current === null) return;
    const watching = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) startTransition(() => setShown((before) => before + atOnce));
      },
      { rootMargin: nearby },
    );
    watching.observe(end.current);
    return () => watching.disconnect();
    // An observer tells only when something changes: each time that more is there, it begins anew.
  }, [shown, isWhole]);
  return (
    <>
      <ul className="cards">{items.slice(0, shown).map(children)}</ul>
      {!isWhole && <div ref={end} />}
    </>
  );
}
