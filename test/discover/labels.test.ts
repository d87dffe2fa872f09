import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { labelsDocument } from "../../src/discover/labels-document.ts";
import { isLabelName, labelNames, labels } from "../../src/discover/labels.ts";
import { nearestName } from "../../src/failure/nearest-name.ts";

function read(name: string, text: string): unknown {
  if (!isLabelName(name)) throw new Error(name);
  const result = labels[name].schema.safeParse(text);
  return result.success ? result.data : undefined;
}

describe("label values", () => {
  test.each([
    ["keep", "last=7,daily=7", { last: 7, daily: 7 }],
    ["keep", " last = 1 , within=30d ", { last: 1, withinSeconds: 2_592_000 }],
    ["hold.timeout", "5m", 300],
    ["hold.timeout", "90", 90],
    ["compression", "gzip:9", { type: "gzip", level: 9 }],
    ["compression", "zstd", { type: "zstd", level: 3 }],
    ["compression", "none", { type: "none" }],
    ["exclude", "*.bak,{a,b}/c, !x", ["*.bak", "{a,b}/c", "!x"]],
    ["include", "/opt/docker/volumes/x/,/b", ["/opt/docker/volumes/x", "/b"]],
    ["schedule", "*/5 2-4 * * 1-5", "*/5 2-4 * * 1-5"],
    ["timezone", "America/New_York", "America/New_York"],
    ["drill", "http:8080/status", { type: "http", port: 8080, path: "/status" }],
    ["drill", "tcp:5432", { type: "tcp", port: 5432 }],
    ["drill", "exec:redis-cli ping", { type: "exec", command: ["redis-cli", "ping"] }],
    ["drill", "off", { type: "off" }],
    ["dump", "sqlite:/data/app.db", { kind: "sqlite", path: "/data/app.db" }],
    ["dump", "postgres", { kind: "postgres", path: null }],
    ["exec.hold", "pg_ctl stop -m fast", ["pg_ctl", "stop", "-m", "fast"]],
  ])("davit.%s=%s is understood", (name, text, value) => {
    expect(read(name, text)).toEqual(value);
  });

  test.each([
    ["enable", "perhaps"],
    ["module", "../etc"],
    ["module", ""],
    ["schedule", "61 2 * * *"],
    ["schedule", "every day"],
    ["schedule", ""],
    ["timezone", "Mars/Olympus"],
    ["keep", "last=0"],
    ["keep", "last=-1"],
    ["keep", "lately=3"],
    ["keep", "last=3,last=4"],
    ["keep", ""],
    ["hold", "freeze"],
    ["hold.timeout", "0s"],
    ["hold.timeout", "soon"],
    ["compression", "gzip:0"],
    ["compression", "zstd:20"],
    ["compression", "lz4"],
    ["include", "relative/path"],
    ["include", "/opt/docker/volumes/../../etc"],
    ["exclude", "a,,b"],
    ["exclude", "[z-a]"],
    ["engine", "tar"],
    ["drill", "ping"],
    ["drill", "tcp:65536"],
    ["drill", "tcp:80/path"],
    ["drill", "http:80"],
    ["drill", "exec: "],
    ["drill", 'exec:sh -c "open'],
    ["dump", "oracle"],
    ["dump", "sqlite:relative"],
    ["exec.hold", "sh -c 'sync"],
    ["exec.hold.user", "a user"],
  ])("davit.%s=%s is refused", (name, text) => {
    expect(read(name, text)).toBeUndefined();
  });

  test("every default is a value that is understood", () => {
    const notUnderstood = labelNames.filter((name) => {
      const { fallback } = labels[name];
      return fallback !== null && read(name, fallback) === undefined;
    });
    expect(notUnderstood).toEqual([]);
  });
});

test("the nearest name is found, and none where nothing is near", () => {
  expect(nearestName("schedul", labelNames)).toBe("schedule");
  expect(nearestName("enabled", labelNames)).toBe("enable");
  expect(nearestName("xyzzyplugh", labelNames)).toBeNull();
});

test("docs/labels.md is up to date (npm run docs)", async () => {
  const file = await readFile(new URL("../../docs/labels.md", import.meta.url), "utf8");
  expect(file).toBe(labelsDocument());
});
