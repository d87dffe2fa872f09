/** Where a VGA card in text mode has what it shows, and how much: one byte of character, one of colour. */
export const textMemory = { address: 0xb8000, bytes: 32 * 1024 };

const columns = 80;
const rows = 25;

/** Whether a picture of that size is one of a VGA card in text mode with 80 by 25 characters. */
export function isTextMode({ width, height }: { width: number; height: number }): boolean {
  return (width === 720 || width === 640) && height === 400;
}

/** What stands in a VGA card's memory, as lines. Systems scroll by moving through it, so all of it is read. */
export function textOfScreen(memory: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at + columns * 2 <= memory.length; at += columns * 2) {
    let line = "";
    for (let column = 0; column < columns; column++) {
      const byte = memory[at + column * 2] ?? 0;
      line += byte >= 0x20 && byte < 0x7f ? String.fromCodePoint(byte) : " ";
    }
    lines.push(line.trimEnd());
  }
  return lines.join("\n");
}

/** The first screenful of it: what firmware and boot loaders, which do not scroll in that way, show. */
export function firstScreen(text: string): string {
  return text.split("\n").slice(0, rows).join("\n");
}
