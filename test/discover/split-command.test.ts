import { expect, test } from "vitest";
import { splitCommand } from "../../src/discover/split-command.ts";

test.each([
  ["sync", ["sync"]],
  ["  occ  maintenance:mode\t--on ", ["occ", "maintenance:mode", "--on"]],
  [`sh -c "echo \\"a b\\" \\$HOME \\n"`, ["sh", "-c", 'echo "a b" $HOME \\n']],
  [`sh -c 'echo "$HOME" \\'`, ["sh", "-c", 'echo "$HOME" \\']],
  [`a'b c'd"e f"g`, ["ab cde fg"]],
  [`a\\ b "" ''`, ["a b", "", ""]],
  ["echo $HOME *", ["echo", "$HOME", "*"]],
  ["echo a|b '|' \"&&\" \\;", ["echo", "a|b", "|", "&&", ";"]],
  ['["sh", "-c", "echo \\"a b\\" && true"]', ["sh", "-c", 'echo "a b" && true']],
  ["[ -f /x ]", ["[", "-f", "/x", "]"]],
  ["grüße '🐟'", ["grüße", "🐟"]],
])("%s becomes words as a shell makes them", (text, words) => {
  expect(splitCommand(text)).toEqual(words);
});

test.each([
  "",
  "  ",
  "''",
  "sh -c 'echo",
  'sh -c "echo',
  'sh -c "echo\\"',
  "echo \\",
  "[]",
  '["sh", 1]',
  '["sh"',
  "a && b",
  "a | b",
  "a > b",
  "a ; b",
])("%s is refused", (text) => {
  expect(splitCommand(text)).toBeUndefined();
});
