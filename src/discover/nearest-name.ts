/** The one of `known` that is closest to `name` by single-letter edits, or undefined where none is close. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map((one) => ({ one, distance: edits(name, one) })).toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, name.length / 2) ? best.one : undefined;
}

function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(from).entries()) {
    let left = i + 1;
    const next = [left];
    for (const [j, other] of Array.from(to).entries()) {
      const above = row[j + 1] ?? 0;
      const diagonal = row[j] ?? 0;
      left = Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1));
      next.push(left);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
