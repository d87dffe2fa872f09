/**
 * For a folder that is listed again and again: gives what `make` made of its names, the same value for as long as the names
 * are the same, in the same order.
 */
export function rememberNames<T>(make: (names: readonly string[]) => T): (names: readonly string[]) => T {
  let last: { names: readonly string[]; made: T } | null = null;
  return (names) => {
    if (last === null || !areSame(last.names, names)) last = { names, made: make(names) };
    return last.made;
  };
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, at) => name === other[at]);
}
