import { expect, test } from "vitest";
import { createHookOutput } from "../../src/hold/hook-output.ts";

function told(...pieces: ["stdout" | "stderr", string | Buffer][]): { lines: string[]; last: string | null } {
  const lines: string[] = [];
  const output = createHookOutput("hook", { output: (_, line) => void lines.push(line) });
  for (const [stream, text] of pieces) void output.onOutput(stream, Buffer.from(text));
  return { last: output.end(), lines };
}

test("lines are put together from pieces, each stream for itself", () => {
  const fish = Buffer.from("🐟\n");
  const { lines, last } = told(
    ["stdout", "one"],
    ["stderr", "wrong\n"],
    ["stdout", " line\r\n\n  \nand "],
    ["stdout", fish.subarray(0, 2)],
    ["stdout", fish.subarray(2)],
    ["stdout", "no end"],
  );
  expect(lines).toEqual(["wrong", "one line", "and 🐟", "no end"]);
  expect(last).toBe("wrong");
});

test("what moves a terminal's cursor is left out", () => {
  expect(told(["stdout", "\u001B[2K\u001B[31mred\u001B[0m\ttab\u0007\n"]).lines).toEqual(["red  tab"]);
});

test("a long line and many lines are cut, which is told", () => {
  const { lines, last } = told(["stdout", `${"x".repeat(5000)}\n`], ["stdout", "y\n".repeat(700)]);
  expect(lines[0]).toBe(`${"x".repeat(1000)} …`);
  expect(lines).toHaveLength(501);
  expect(lines.at(-1)).toBe("… and 201 more lines, which are not kept");
  expect(last).toBe("y");
});
