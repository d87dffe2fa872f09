import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromText } from "../../src/format/byte-path.ts";
import { openStaging } from "../../src/restore/open-staging.ts";
import { pathOf, placesOf } from "../../src/restore/places.ts";
import { asidePath, planSwaps, planUndo } from "../../src/restore/plan-swaps.ts";
import { RestoreTree } from "../../src/restore/restore-tree.ts";
import { makeParents, type Swap, swapBack, swapIn } from "../../src/restore/swaps.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { treeSnapshot } from "../fixtures/tree-snapshot.ts";

const now = new Date("2026-11-22T02:00:00Z");
const bind = (path: string) => ({ path, kind: "bind" as const });
const sources = [bind("/opt/a"), bind("/opt/ab"), bind("/top"), bind("/opt/ä/d")];

describe("the places of a restore", () => {
  it("are the sources where no path is named", () => {
    expect(placesOf(sources, []).map(pathOf)).toEqual(["opt/a", "opt/ab", "top", fromText("opt/ä/d")]);
    expect(placesOf([bind("/top")], [])).toEqual([{ root: "/", parent: "", name: "top" }]);
  });

  it("are the outermost of the paths that are named, each once", () => {
    const paths = ["opt/a/x", "opt/a/x/y", "opt/a/x", "opt/a/xy", "opt/ab"];
    expect(placesOf(sources, paths)).toEqual([
      { root: "/opt", parent: "a", name: "x" },
      { root: "/opt", parent: "a", name: "xy" },
      { root: "/opt", parent: "", name: "ab" },
    ]);
    const bytes = fromText("opt/ä/d/\u00ff/y");
    expect(placesOf(sources, [bytes]).map(pathOf)).toEqual([bytes]);
  });

  it.each(["opt", "opt/abc", "opt/c/x", "", "etc/passwd"])("are in no source: %j", (path) => {
    expect(() => placesOf(sources, [path])).toThrow(/none of the sources/u);
  });
});

describe("a place behind a link", () => {
  it("is refused, and what the link points at stays", async () => {
    const root = await scratchFolder();
    mkdirSync(join(root, "source"));
    mkdirSync(join(root, "outside"));
    writeFileSync(join(root, "outside", "file"), "untouched");
    symlinkSync("../outside", join(root, "source", "link"));
    writeFileSync(join(root, "source", "plain"), "a file");
    const before = treeSnapshot(root);
    const within = (path: string) => placesOf([bind(join(root, "source"))], [join(root, "source", path).slice(1)]);
    for (const path of ["link/file", "link/deep/file", "plain/file"]) {
      const refused = { kind: "unsafe", message: expect.stringContaining("behind a link or a file") };
      const places = within(path);
      await expect(makeParents(places).then(() => planSwaps(places, now))).rejects.toMatchObject(refused);
      const names = { staging: ".staging", aside: ".aside", replaces: true };
      const swaps: Swap[] = places.map((place) => ({ ...place, ...names, incoming: place.name }));
      for (const work of [openStaging, swapIn, swapBack]) expect(() => work(swaps)).toThrow(/behind a link or a file/u);
    }
    expect(treeSnapshot(root)).toEqual(before);
  });
});

describe("the names that a restore in place uses", () => {
  it("fit where the old ones have 255 bytes, and differ", async () => {
    const root = await scratchFolder();
    const names = ["l".repeat(255), `${"l".repeat(254)}m`, "ä".repeat(127)];
    for (const name of names) mkdirSync(join(root, name));
    const swaps = planSwaps(
      placesOf(
        names.map((name) => bind(join(root, name))),
        [],
      ),
      now,
    );
    expect(new Set(swaps.map((swap) => swap.aside)).size).toBe(3);
    openStaging(swaps).close();
    for (const name of names) mkdirSync(join(root, ".davit-restore-20261122T020000Z", name));
    swapIn(swaps);
    for (const swap of swaps) expect(asidePath(swap)).toMatch(/before-restore-20261122T020000Z-/u);
    expect(readdirSync(root)).toHaveLength(7);
    swapBack(swaps);
    expect(readdirSync(root)).toHaveLength(4);
  });

  it("are not those of an earlier restore, nor of one that goes on", async () => {
    const root = await scratchFolder();
    mkdirSync(join(root, "a"));
    mkdirSync(join(root, ".before-restore-20261122T020000Z-a"));
    mkdirSync(join(root, ".davit-restore-20261122T020001Z"));
    const [swap] = planSwaps(placesOf([bind(join(root, "a"))], []), now);
    expect(swap?.staging).toBe(".davit-restore-20261122T020002Z");
    expect(swap?.aside).toBe(".before-restore-20261122T020002Z-a");
  });

  it("of an undo are missing where the old data was removed", async () => {
    const root = await scratchFolder();
    mkdirSync(join(root, "a"));
    const swaps = planSwaps(placesOf([bind(join(root, "a"))], []), now);
    const backup = "nas/20261122T020000Z";
    const done = {
      format: 1,
      module: "nas",
      backup,
      at: now.toISOString(),
      phase: "done",
      stops: true,
      swaps,
    } as const;
    expect(() => planUndo(done, now)).toThrow(expect.objectContaining({ kind: "missing" }));
  });
});

describe("the roots of a restore", () => {
  it("take what is below them, the inner one first", async () => {
    const root = await scratchFolder();
    for (const name of ["outer", "inner"]) mkdirSync(join(root, name));
    const tree = new RestoreTree([
      { prefix: "opt/a", directory: join(root, "outer") },
      { prefix: "opt/a/b", directory: join(root, "inner") },
    ]);
    for (const path of ["opt/a/x", "opt/a/b/y", "opt/a/bc", "opt/a/b/c/z"]) {
      const { at, name } = tree.place(path);
      writeFileSync(`/proc/self/fd/${at}/${name}`, path);
    }
    expect(() => tree.place("opt/ab")).toThrow(/outside of its sources: opt\/ab/u);
    tree.close();
    expect(readFileSync(join(root, "outer/x"), "utf8")).toBe("opt/a/x");
    expect(readFileSync(join(root, "outer/bc"), "utf8")).toBe("opt/a/bc");
    expect(readFileSync(join(root, "inner/y"), "utf8")).toBe("opt/a/b/y");
    expect(readFileSync(join(root, "inner/c/z"), "utf8")).toBe("opt/a/b/c/z");
    expect(readdirSync(join(root, "outer")).toSorted()).toEqual(["bc", "x"]);
  });
});
