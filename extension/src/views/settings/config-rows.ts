/** The settings one a row, those within others by their path (`listen.port`); null where nothing is set. */
export function configRows(value: unknown, path = ""): [path: string, text: string | null][] {
  if (value === null || value === undefined) return [[path, null]];
  if (Array.isArray(value)) {
    if (value.some((one) => typeof one === "object"))
      return value.flatMap((one, at) => configRows(one, `${path}[${at}]`));
    return [[path, value.length === 0 ? null : value.join(", ")]];
  }
  if (typeof value !== "object") return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  const rows = Object.entries(value).flatMap(([name, one]) => configRows(one, path === "" ? name : `${path}.${name}`));
  return rows.length === 0 && path !== "" ? [[path, null]] : rows;
}
