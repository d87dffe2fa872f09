/** Enough to keep a slow share busy, few enough for any limit of open files. */
const atOnce = 16;

/** What is found under each of the names, several at once; in the order of the names. */
export async function findEach<T>(
  names: readonly string[],
  find: (name: string) => Promise<T>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (let start = 0; start < names.length; start += atOnce) {
    const batch = names.slice(start, start + atOnce);
    const values = await Promise.all(batch.map(async (name) => [name, await find(name)] as const));
    for (const [name, value] of values) found.set(name, value);
  }
  return found;
}
