/**
 * Characters that nobody sees, or that turn the order of those after them: controls and ends of lines, the marks, embeddings,
 * overrides and isolates of bidirectional text, blanks without width. Joiners are left as they are: scripts and emoji need them.
 */
const unseen = /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** A piece of a text: as it stands, or a sign for a character that can't be seen. */
export interface Piece {
  text: string;
  isSign: boolean;
}

/** A text in pieces that all can be seen, and that read in the order in which they stand. */
export function visiblePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(unseen)) {
    if (index > from) pieces.push({ text: text.slice(from, index), isSign: false });
    pieces.push({ text: signOf(character), isSign: true });
    from = index + character.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isSign: false });
  return pieces;
}

/** The same as one text, for where there is no place but for a text. */
export function visibleText(text: string): string {
  return text.replaceAll(unseen, signOf);
}

/** JSON in which all can be seen, and which means the same. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(unseen, (one) => (one === "\n" ? one : `\\u${hexOf(one)}`));
}

/** Unicode has pictures of the oldest controls; the others are shown by their number. */
function signOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : `⟨U+${hexOf(character).toUpperCase()}⟩`;
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}
