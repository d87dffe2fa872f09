import { expect, it } from "vitest";
import { rememberNames } from "../../src/durable/remember-names.ts";

it("gives the same value for as long as the names are the same", () => {
  const remembered = rememberNames((names) => ({ count: names.length }));
  const first = remembered(["a", "b"]);
  expect(first).toEqual({ count: 2 });
  expect(remembered(["a", "b"])).toBe(first);
});

it.each([
  ["one more", ["a", "b", "c"]],
  ["one less", ["a"]],
  ["none", []],
  ["another one", ["a", "c"]],
  ["another order", ["b", "a"]],
])("makes it again with %s", (_, names) => {
  const remembered = rememberNames((found) => found.join(" "));
  remembered(["a", "b"]);
  expect(remembered(names)).toBe(names.join(" "));
});
