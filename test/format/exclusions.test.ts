import { describe, expect, test } from "vitest";
import { fromText } from "../../src/format/byte-path.ts";
import { compileExclusions, defaultExclusions } from "../../src/format/exclusions.ts";

function left(patterns: readonly string[], path: string): string | null {
  const isDirectory = path.endsWith("/");
  return compileExclusions(patterns)(fromText(path.replace(/\/$/u, "")), isDirectory);
}

describe("default exclusions", () => {
  test.each(["cache", ".cache", "tmp", "temp", "logs"])("leave out what is in %s, and keep the directory", (name) => {
    expect(left(defaultExclusions, `${name}/`)).toBeNull();
    expect(left(defaultExclusions, `a/b/${name}/`)).toBeNull();
    expect(left(defaultExclusions, `${name}/x`)).toBe(`**/${name}/**`);
    expect(left(defaultExclusions, `a/b/${name}/deep/x`)).toBe(`**/${name}/**`);
    expect(left(defaultExclusions, `a/${name}/sub/`)).toBe(`**/${name}/**`);
  });

  test.each(["x.log", "a/b/x.log", "x.log.1", "a/x.log.gz", ".x.swp", "a.tmp", ".log"])(
    "leave out the file %s",
    (path) => {
      expect(left(defaultExclusions, path)).not.toBeNull();
    },
  );

  test.each(["000042.log", "db/00000000000000000000.log", "mysql/ddl_recovery.log", "tc.log"])(
    "keep %s, which a database needs",
    (path) => {
      expect(left(defaultExclusions, path)).toBeNull();
      expect(left(defaultExclusions, `logs/${path}`)).toBe("**/logs/**");
    },
  );

  test.each(["cached/x", "mycache/x", "tmpl/x", "catalogs/x", "x.logs", "log", "blog/x", "a.tmpl", "cache", "logs"])(
    "keep %s",
    (path) => {
      expect(left(defaultExclusions, path)).toBeNull();
    },
  );

  test("keep a directory whose name looks like that of a log file", () => {
    expect(left(defaultExclusions, "app.log/")).toBeNull();
    expect(left(defaultExclusions, "app.log/data")).toBeNull();
  });
});

describe("patterns", () => {
  test.each([
    ["name", "name", true],
    ["name", "a/name", true],
    ["name", "a/name/below", true],
    ["name", "names", false],
    ["a/b", "a/b", true],
    ["a/b", "a/b/below", true],
    ["a/b", "x/a/b", false],
    ["/name", "name", true],
    ["/name", "a/name", false],
    ["./name", "name", true],
    ["dir/", "dir/", true],
    ["dir/", "x/dir/below", true],
    ["dir/", "dir", false],
    ["dir/**", "dir/", false],
    ["dir/**", "dir/x", true],
    ["a/dir/**", "a/dir/x", true],
    ["a/dir/**", "b/a/dir/x", false],
    ["*.bak", "x/y.bak", true],
    ["*.bak", "y.bak/", false],
    ["*.bak/", "y.bak/", true],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a/*/z", "a/b/c/z", false],
    ["old-*", "old-1/", true],
    ["file?", "file1", true],
    ["file?", "fileä", true],
    ["file?", "file12", false],
    ["a?b", "a/b", false],
    ["[!ab].txt", "c.txt", true],
    ["[!ab].txt", "a.txt", false],
    ["a[!x]b", "a/b", false],
    ["{open", "{open", true],
    ["{x,{y,z}}.txt", "z.txt", true],
    ["a[{]b", "a{b", true],
    ["{a[}],b}c", "a}c", true],
    ["{**/x,y}", "a/b/x", true],
    ["**/a/*.bin", "a/x.bin", true],
    ["a**z", "ab/cz", true],
    ["[ab].txt", "b.txt", true],
    ["{x,y}.txt", "q/y.txt", true],
    [".*", ".hidden", true],
    ["*", ".hidden", true],
    ["grün", "a/grün", true],
    ["new\nline", "new\nline", true],
    ["**/deep/x", "a/new\nline/deep/x", true],
    ["a+b(c)", "a+b(c)", true],
    [String.raw`star\*`, "star*", true],
    [String.raw`star\*`, "starfish", false],
  ])("%s and %s", (pattern, path, isLeftOut) => {
    expect(left([pattern], path)).toBe(isLeftOut ? pattern : null);
  });

  test("the last that matches decides", () => {
    expect(left(["*.log", "!keep.log"], "a/keep.log")).toBeNull();
    expect(left(["*.log", "!keep.log"], "a/other.log")).toBe("*.log");
    expect(left(["!keep.log", "*.log"], "a/keep.log")).toBe("*.log");
  });

  test("a default is taken back by its own text, and by the directory's name", () => {
    expect(left([...defaultExclusions, "!**/cache/**"], "cache/x")).toBeNull();
    expect(left([...defaultExclusions, "!cache"], "a/cache/b/x")).toBeNull();
    expect(left([...defaultExclusions, "!cache"], "a/tmp/x")).toBe("**/tmp/**");
  });

  test("a name that is not UTF-8 is matched by its bytes", () => {
    const excluded = compileExclusions(["*.log"]);
    expect(excluded("\xff\xfe.log", false)).toBe("*.log");
    expect(excluded("\xff\xfe.dat", false)).toBeNull();
  });

  test("the source itself always stays", () => {
    expect(compileExclusions(["*", "**", "/"])("", true)).toBeNull();
  });

  test("no pattern takes long, however many folders it may skip and however deep a path is", () => {
    const patterns = [
      "**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b",
      "*a*a*a*a*a*a*a*a*b",
      "a**a**a**a**a**a**a**a**b",
      "{a,aa}{a,aa}{a,aa}*{a,aa}*{a,aa}*{a,aa}*{a,aa}*b",
      "**/[a-c]/**/[a-c]?/**/[a-c]?/**/[a-c]?/**/d",
    ];
    const deep = Array.from({ length: 1000 }, (_, at) => "a".repeat(1 + (at % 5))).join("/");
    const excluded = compileExclusions(patterns);
    expect(excluded(deep, false)).toBeNull();
    expect(excluded(`${deep}/b`, false)).toBe(patterns[2]);
    expect(left([patterns[0] ?? "", patterns[2] ?? ""], `${deep}/b`)).toBe(patterns[2]);
    expect(left([patterns[0] ?? ""], `${deep.replaceAll("aa", "a/a")}/b`)).toBe(patterns[0]);
  });

  test("thousands of different situations do not fill the memory, nor change what is found", () => {
    const excluded = compileExclusions(["a????????????*b", "*x?????????????y"]);
    let left = 0;
    for (let at = 0; at < 4000; at++) {
      const name = `a${at.toString(2).replaceAll("0", "a").replaceAll("1", "x").padStart(16, "x")}`;
      expect(excluded(`${name}b`, false)).not.toBeNull();
      if (excluded(`${name}c`, false) !== null) left += 1;
    }
    expect(left).toBe(0);
  });

  test("no pattern leaves out nothing", () => {
    expect(left([], "cache/x.log")).toBeNull();
  });
});
