/**
 * Text as it is compared where the case of letters does not count, nor whether an accent is a character of its own (as names
 * from a Mac have it). Bytes of ASCII keep their number.
 */
export function foldText(text: string): string {
  // A sigma has another small form at the end of a word, which a part of a word does not know of.
  return text.toLowerCase().normalize("NFC").replaceAll("ς", "σ");
}
