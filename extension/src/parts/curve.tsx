import type { ReactElement } from "react";

interface CurveProps {
  values: readonly number[];
  /** Says what it shows, for those who can't see it. */
  label: string;
  width?: number;
  height?: number;
}

/** Values as a small curve without axes. Nothing where there is only one. */
export function Curve({ values, label, width = 112, height = 28 }: CurveProps): ReactElement | null {
  if (values.length < 2) return null;
  const top = Math.max(...values);
  const low = Math.min(...values);
  const span = top - low || 1;
  const points = values.map((value, at) => {
    const x = 2 + (at / (values.length - 1)) * (width - 4);
    const y = 3 + (1 - (value - low) / span) * (height - 6);
    return [x, top === low ? height / 2 : y] as const;
  });
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const [lastX, lastY] = points.at(-1) ?? [0, 0];
  return (
    <svg
      className="curve"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
    >
      <polyline points={line} fill="none" stroke="currentColor" strokeWidth={1.75} strokeOpacity={0.75} />
      <circle cx={lastX} cy={lastY} r={2.4} fill="currentColor" />
    </svg>
  );
}
