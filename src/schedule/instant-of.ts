/**
 * The first instant at which the clock shows `wall`. A time that a change skips gives the first minute after the change; of
 * one that comes twice, the first.
 */
export function instantOf(wall: number, clock: (instant: Date) => number): Date {
  // The offsets a day before and after are those on both sides of a change, if there is one.
  const offsets = [-86_400_000, 86_400_000].map((away) => clock(new Date(wall + away)) - (wall + away));
  const candidates = offsets.map((offset) => wall - offset).toSorted((a, b) => a - b);
  const exact = candidates.find((instant) => clock(new Date(instant)) === wall);
  if (exact !== undefined) return new Date(exact);
  let instant = candidates.findLast((one) => clock(new Date(one)) > wall) ?? wall;
  while (clock(new Date(instant - 60_000)) > wall) instant -= 60_000;
  return new Date(instant);
}
