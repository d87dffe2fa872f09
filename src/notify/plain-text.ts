/** What people read of one finding; more is in the panel. */
const longestLine = 400;

/** One line that has nothing in it but what shows, cut to a length that people read. */
export function tame(text: string, longest = longestLine): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]+/gu, " ")
    .replaceAll(/ {2,}/gu, " ")
    .trim();
  return cut(line, longest);
}

/** At most so many UTF-16 units, with a sign that there was more. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  // Half a character would be none.
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
