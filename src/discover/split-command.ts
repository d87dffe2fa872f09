/** What a shell would act upon; here it would be passed on as a word, which nobody means. */
const operators = new Set(["|", "||", "&", "&&", ";", "<", ">", ">>"]);

/**
 * A command as its words: split as a shell splits (quotes, backslash; nothing is expanded), or as a JSON array. Undefined
 * where a quote is not closed, there is no word, or what stands there needs a shell.
 */
export function splitCommand(text: string): string[] | undefined {
  const words = /^\[\s*["\]]/u.test(text) ? fromJson(text) : fromShell(text);
  return words === undefined || words.length === 0 || words[0] === "" ? undefined : words;
}

function fromJson(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return undefined;
    const words = value.filter((one) => typeof one === "string");
    return words.length === value.length ? words : undefined;
  } catch {
    return undefined;
  }
}

/** A word; in double quotes; in single quotes; a backslash with what follows; else one character. */
const piece = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^'"\\\s])/uy;

function fromShell(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (/\s/u.test(text.charAt(at))) at += 1;
    if (at === text.length) return words;
    const from = at;
    let word = "";
    while (at < text.length && !/\s/u.test(text.charAt(at))) {
      piece.lastIndex = at;
      const found = piece.exec(text);
      if (found === null) return undefined;
      const [all, single, double, escaped, plain] = found;
      word += single ?? double?.replace(/\\(["\\$`\n])/gu, (_, one: string) => (one === "\n" ? "" : one)) ?? "";
      word += escaped ?? plain ?? "";
      at += all.length;
    }
    if (operators.has(text.slice(from, at))) return undefined;
    words.push(word);
  }
}
