import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { ExtractOrder } from "../../src/restore/extract-backup.ts";
import { extractBackup } from "../../src/restore/extract-backup.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { type BuiltEntry, buildBackup } from "../fixtures/tar-builder.ts";
import { treeSnapshot } from "../fixtures/tree-snapshot.ts";

interface Scene {
  /** Holds the target, and beside it what an archive must not reach. */
  around: string;
  target: string;
  /** Restores the archive into the target. */
  restore(more?: Partial<ExtractOrder>): Promise<unknown>;
  /** Throws where anything beside the target has changed. */
  expectUntouched(): void;
}

async function scene(entries: BuiltEntry[]): Promise<Scene> {
  const scratch = await scratchFolder();
  const around = join(scratch, "around");
  const target = join(around, "target");
  mkdirSync(join(around, "beside"), { recursive: true });
  mkdirSync(target);
  writeFileSync(join(around, "beside", "victim"), "untouched");
  writeFileSync(join(around, "victim"), "untouched");
  const folder = join(scratch, "backup");
  const manifest = await buildBackup(folder, entries);
  const outside = (): string[] => treeSnapshot(around).filter((line) => !line.startsWith(`${target}`));
  const before = [outside(), treeSnapshot("/etc/passwd")];
  return {
    around,
    target,
    restore: (more = {}) => extractBackup({ folder, manifest, target, ...more }),
    expectUntouched: () => expect([outside(), treeSnapshot("/etc/passwd")]).toEqual(before),
  };
}

/** The failure of a restore that left everything beside its target as it was. */
async function refusal(entries: BuiltEntry[]): Promise<unknown> {
  const { restore, expectUntouched } = await scene(entries);
  const failure = await restore().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expectUntouched();
  return failure;
}

function told(kind: string, named: string): object {
  return { kind, message: expect.stringContaining(named) };
}

const climbing = [
  "..",
  "../victim",
  "a/../../victim",
  "a/..",
  ".",
  "./a",
  "a/./b",
  "a//b",
  "/etc/passwd",
  "/",
  "//a",
  "",
];
const deep = Array.from({ length: 3000 }, () => "d").join("/");

describe("a name that leads out of the target", () => {
  it.each(climbing)("is refused in the header: %j", async (path) => {
    expect(await refusal([{ path, name: path, content: "x" }])).toMatchObject(told("unsafe", path));
  });

  it.each(climbing)("is refused in a pax record: %j", async (path) => {
    expect(await refusal([{ path, name: "a", content: "x", pax: [["path", path]] }])).toMatchObject(
      told("unsafe", path),
    );
  });

  it.each(climbing)("is refused as the name of a sparse file: %j", async (path) => {
    expect(await refusal([sparse(path, 0, "0\n", "")])).toMatchObject(told("unsafe", path));
  });

  it.each(climbing.filter((link) => link !== ""))("is refused as what a hard link names: %j", async (link) => {
    expect(await refusal([{ path: "a", type: "hardlink", link }])).toMatchObject(told("unsafe", link));
    expect(await refusal([{ path: "a", type: "hardlink", link, pax: [["linkpath", link]] }])).toMatchObject(
      told("unsafe", link),
    );
  });

  it("is refused with a NUL in it", async () => {
    const path = "a\0b";
    expect(await refusal([{ path, name: "a", pax: [["path", path]] }])).toMatchObject(told("unsafe", "NUL"));
    const link: BuiltEntry = { path: "a", type: "symlink", link: "b\0c", pax: [["linkpath", "b\0c"]] };
    expect(await refusal([link])).toMatchObject(told("damaged", "a link with a target that can't be: a"));
  });

  it.each([
    ["longer than any file system takes", "n".repeat(256), "nnnn"],
    ["deeper than the kernel follows", deep, "d/d/d"],
  ])("is damaged when it is %s", async (_what, path, named) => {
    expect(await refusal([{ path, name: "a", pax: [["path", path]] }])).toMatchObject(told("damaged", named));
    expect(await refusal([{ path: "a", type: "hardlink", link: path, pax: [["linkpath", path]] }])).toMatchObject(
      told("damaged", named),
    );
  });
});

describe("a link", () => {
  const out = (link = "../beside"): BuiltEntry => ({ path: "out", type: "symlink", link });

  it.each<[string, BuiltEntry[], string, string]>([
    ["is not followed by a file", [out(), { path: "out/victim", content: "x" }], "unsafe", "out"],
    ["is not followed by a folder", [out(), { path: "out/made", type: "directory" }], "unsafe", "out"],
    ["is not followed by a link", [out(), { path: "out/made", type: "symlink", link: "x" }], "unsafe", "out"],
    ["is not followed by a FIFO", [out(), { path: "out/made", type: "fifo" }], "unsafe", "out"],
    ["is not followed when absolute", [out("/etc"), { path: "out/davit", content: "x" }], "unsafe", "out"],
    ["is not followed to a hard link's file", [out(), hard("got", "out/victim")], "unsafe", "out"],
    ["is not followed below it", [out(), { path: "out/beside/deep/file", content: "x" }], "unsafe", "out"],
    ["is not followed within the target either", [out("."), { path: "out/a", content: "x" }], "unsafe", "out"],
    ["is not replaced by a file", [out("../victim"), { path: "out", content: "x" }], "damaged", "out twice"],
    ["is not opened as a folder", [out(), { path: "out", type: "directory" }], "unsafe", "over a link or file: out"],
    [
      "that is a second name is not replaced",
      [out(), hard("b", "out"), { path: "b", content: "x" }],
      "damaged",
      "b twice",
    ],
    [
      "to a link is not followed",
      [
        { path: "d", type: "directory" },
        { path: "d/up", type: "symlink", link: "../.." },
        out("d/up/beside"),
        { path: "out/victim", content: "x" },
      ],
      "unsafe",
      "out",
    ],
    ["to a folder is no hard link", [{ path: "d", type: "directory" }, hard("a", "d")], "damaged", "hard link to d"],
    ["to nothing is no hard link", [hard("a", "b")], "damaged", "hard link to b"],
    ["to itself is no hard link", [hard("a", "a")], "damaged", "hard link to a"],
    ["to a later file is no hard link", [hard("a", "b"), { path: "b", content: "x" }], "damaged", "hard link to b"],
  ])("%s", async (_what, entries, kind, named) => {
    expect(await refusal(entries)).toMatchObject(told(kind, named));
  });

  it("that is in the target already is not followed, even where files are replaced", async () => {
    const { restore, target, expectUntouched } = await scene([{ path: "out/victim", content: "x" }]);
    symlinkSync("../beside", join(target, "out"));
    await expect(restore({ existing: "replace" })).rejects.toMatchObject({ kind: "unsafe" });
    expectUntouched();
  });

  it("that is in the target already gives way, and what it points at stays", async () => {
    const { restore, target, expectUntouched } = await scene([{ path: "out", content: "x" }]);
    symlinkSync("../victim", join(target, "out"));
    await restore({ existing: "replace" });
    expectUntouched();
    expect(readFileSync(join(target, "out"), "utf8")).toBe("x");
  });

  it.each(["later", "finishing"])("that is slipped in while the restore runs is not followed (%s)", async (when) => {
    const more: BuiltEntry[] = when === "later" ? [{ path: "d/sub/b", content: "b" }] : [{ path: "d/b", content: "b" }];
    const entries: BuiltEntry[] = [
      { path: "d", type: "directory", mode: 0o700 },
      { path: "d/a", content: "a" },
      ...more,
    ];
    const { restore, target, around, expectUntouched } = await scene(entries);
    const clock = vi.spyOn(Date, "now");
    let seconds = 0;
    let swapped = false;
    clock.mockImplementation(() => 1000 * (seconds += 1));
    const onProgress: ExtractOrder["onProgress"] = ({ entries: done }) => {
      if (done !== 2 || swapped) return;
      swapped = true;
      renameSync(join(target, "d"), join(target, "moved"));
      symlinkSync(join(around, "beside"), join(target, "d"));
    };
    await expect(restore({ onProgress }).finally(() => clock.mockRestore())).rejects.toMatchObject({
      kind: "unsafe",
      message: expect.stringContaining("d"),
    });
    expectUntouched();
  });
});

describe("an entry that no backup holds", () => {
  it.each(["3", "4"])("is refused: device node (type %s)", async (typeflag) => {
    expect(await refusal([{ path: "dev/sda", typeflag }])).toMatchObject(
      told("unsafe", "device node, which no backup does: dev/sda"),
    );
  });

  it.each(["7", "8", "g", "L", "K", "S", "D", "M", "V", "A", "\u007f"])("is refused: type %j", async (typeflag) => {
    expect(await refusal([{ path: "odd", typeflag }])).toMatchObject(told("damaged", "odd"));
  });

  it.each(["opt/b/x", "opt/ab", "opt", "x"])("is refused outside of the sources: %s", async (path) => {
    const { restore, target, expectUntouched } = await scene([{ path, content: "x" }]);
    await expect(restore({ target: [{ prefix: "opt/a", directory: target }] })).rejects.toMatchObject({
      kind: "damaged",
      message: expect.stringContaining(`outside of its sources: ${path}`),
    });
    expectUntouched();
    expect(treeSnapshot(target)).toHaveLength(1);
  });

  it("is refused where a source's folder is a file", async () => {
    const { restore, target } = await scene([{ path: "opt/a", content: "x" }]);
    await expect(restore({ target: [{ prefix: "opt/a", directory: target }] })).rejects.toMatchObject({
      kind: "damaged",
      message: expect.stringContaining("opt/a"),
    });
  });

  it("is refused when it comes twice", async () => {
    expect(
      await refusal([
        { path: "a", content: "x" },
        { path: "a", content: "y" },
      ]),
    ).toMatchObject(told("damaged", "a twice"));
    expect(
      await refusal([
        { path: "a", content: "x" },
        { path: "a/b", content: "y" },
      ]),
    ).toMatchObject(told("unsafe", "into a:"));
    expect(
      await refusal([
        { path: "a", content: "x" },
        { path: "a", type: "directory" },
      ]),
    ).toMatchObject(told("unsafe", "file: a"));
    expect(
      await refusal([
        { path: "a", type: "directory" },
        { path: "a", content: "x" },
      ]),
    ).toMatchObject(told("damaged", "a twice"));
  });
});

function hard(path: string, link: string): BuiltEntry {
  return { path, type: "hardlink", link };
}

function sparse(path: string, size: number, map: string, data: string): BuiltEntry {
  const content = Buffer.concat([Buffer.alloc(512), Buffer.from(data)]);
  content.write(map);
  return {
    path,
    name: "sparse",
    content,
    pax: [
      ["GNU.sparse.major", "1"],
      ["GNU.sparse.minor", "0"],
      ["GNU.sparse.name", path],
      ["GNU.sparse.realsize", String(size)],
    ],
    line: { size },
  };
}
