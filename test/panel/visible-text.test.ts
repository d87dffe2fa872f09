import { expect, it } from "vitest";
import { visibleJson, visiblePieces, visibleText } from "../../extension/src/visible-text.ts";

it.each([
  ["holiday photos/größe 日本 שלום.txt", "holiday photos/größe 日本 שלום.txt"],
  ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ["family 👨‍👩‍👧 می‌خواهم", "family 👨‍👩‍👧 می‌خواهم"],
  ["two\nlines\tand\x1b[31m", "two␊lines␉and␛[31m"],
  ["\x7f\x85", "␡⟨U+0085⟩"],
  ["invoice\u202etxt.exe", "invoice⟨U+202E⟩txt.exe"],
  ["\u2066a\u2069 b\u200b\ufeff", "⟨U+2066⟩a⟨U+2069⟩ b⟨U+200B⟩⟨U+FEFF⟩"],
  ["", ""],
])("shows %j as %j", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
  const pieces = visiblePieces(text);
  expect(pieces.map((one) => one.text).join("")).toBe(shown);
  expect(pieces.every((one) => one.text !== "")).toBe(true);
});

it("tells its signs from the same characters in a text", () => {
  expect(visiblePieces("a␊b\nc")).toEqual([
    { text: "a␊b", isSign: false },
    { text: "␊", isSign: true },
    { text: "c", isSign: false },
  ]);
});

it("writes JSON that means the same", () => {
  const value = { "a\u202eb": ["\u2028\n\x1b\x7f", 1] };
  const text = visibleJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text.replaceAll("\n", "")).toMatch(/^[\x20-\x7e]+$/u);
});
