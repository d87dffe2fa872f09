const star = 0x2a;
const question = 0x3f;

/**
 * Whether the UTF-8 text `bytes[start, end)` as a whole matches a pattern in which `*` stands for any characters and `?` for
 * one. Takes no longer than the product of both lengths, whatever they are.
 */
export function matchGlob(pattern: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const last = pattern[pattern.length - 1];
  // Most names fail here.
  if (last !== undefined && last !== star && last !== question && (end === start || bytes[end - 1] !== last))
    return false;
  let at = start;
  let wanted = 0;
  let lastStar = -1;
  let retryAt = start;
  while (at < end) {
    const next = pattern[wanted];
    if (next === star) {
      lastStar = wanted;
      wanted += 1;
      if (wanted === pattern.length) return true;
      retryAt = nextPlace(pattern[wanted], bytes, at, end);
      at = retryAt;
    } else if (next === question) {
      wanted += 1;
      at = pastCharacter(bytes, at, end);
    } else if (next === bytes[at] && next !== undefined) {
      wanted += 1;
      at += 1;
    } else if (lastStar >= 0) {
      wanted = lastStar + 1;
      retryAt = nextPlace(pattern[wanted], bytes, pastCharacter(bytes, retryAt, end), end);
      at = retryAt;
    } else return false;
  }
  while (pattern[wanted] === star) wanted += 1;
  return wanted === pattern.length;
}

/** Where at or after `at` what follows a star can begin; the text's end where it can't. */
function nextPlace(wanted: number | undefined, bytes: Uint8Array, at: number, end: number): number {
  if (wanted === star || wanted === question || wanted === undefined) return at;
  let next = at;
  while (next < end && bytes[next] !== wanted) next += 1;
  return next;
}

function pastCharacter(bytes: Uint8Array, at: number, end: number): number {
  let next = at + 1;
  while (next < end && ((bytes[next] ?? 0) & 0xc0) === 0x80) next += 1;
  return next;
}
