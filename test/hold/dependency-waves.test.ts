import { expect, test } from "vitest";
import { dependencyWaves } from "../../src/hold/dependency-waves.ts";

const named = (name: string, ...dependsOn: string[]) => ({ name, dependsOn });
const names = (waves: { name: string }[][]) => waves.map((wave) => wave.map((one) => one.name));

test("a container starts after those that it needs", () => {
  expect(
    names(dependencyWaves([named("web", "app"), named("app", "db", "redis"), named("db"), named("redis")])),
  ).toEqual([["db", "redis"], ["app"], ["web"]]);
});

test("one that needs a container which is not there starts all the same", () => {
  expect(names(dependencyWaves([named("web", "gone")]))).toEqual([["web"]]);
});

test("a circle is one last wave", () => {
  expect(names(dependencyWaves([named("a", "b"), named("b", "a"), named("c")]))).toEqual([["c"], ["a", "b"]]);
});

test("nothing makes no wave", () => {
  expect(dependencyWaves([])).toEqual([]);
});
