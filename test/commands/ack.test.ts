import { expect, it } from "vitest";
import { openVault } from "../../src/vault/open-vault.ts";
import { sealedBackup } from "../fixtures/sealed-backup.ts";
import { makeScene, type Scene } from "./scene.ts";

const anomalies = [
  { kind: "fewer-entries" as const, message: "there are 3 entries, where nas/20261119T020000Z has 90" },
];

/** Three backups of nas, of which the two newer ones seem to have lost data. */
async function oddScene(): Promise<Scene> {
  const scene = await makeScene();
  const { vault, source } = scene;
  for (const time of ["20261119T020000Z", "20261120T020000Z", "20261121T020000Z"])
    await sealedBackup({
      vault,
      source,
      module: "nas",
      time,
      anomalies: time === "20261119T020000Z" ? [] : anomalies,
    });
  return scene;
}

it("lists what is unanswered first, and what can be done about it", async () => {
  const { davit } = await oddScene();
  const { stdout } = await davit("list");
  expect(stdout.split("\n").slice(0, 5)).toEqual([
    "UNANSWERED nas/20261121T020000Z: there are 3 entries, where nas/20261119T020000Z has 90",
    "UNANSWERED nas/20261120T020000Z: there are 3 entries, where nas/20261119T020000Z has 90",
    "  hint: look whether the data is as it should be; older backups are kept until you say so with `davit ack nas`",
    "",
    expect.stringMatching(/^BACKUP /u),
  ]);
  expect(JSON.parse((await davit("list", "--json")).stdout)).toMatchObject([
    { unanswered: anomalies },
    { unanswered: anomalies },
    { unanswered: [] },
  ]);
});

it("answers all of a module, once, with a note", async () => {
  const { davit, vault } = await oddScene();
  const note = "moved the photographs";
  const { code, stdout } = await davit("ack", "nas", "--note", note);
  expect({ code, lines: stdout.split("\n") }).toEqual({
    code: 0,
    lines: [
      "nas/20261121T020000Z: there are 3 entries, where nas/20261119T020000Z has 90",
      "nas/20261120T020000Z: there are 3 entries, where nas/20261119T020000Z has 90",
      "answered: nas/20261121T020000Z, nas/20261120T020000Z",
      "",
    ],
  });
  expect((await openVault(vault).list("nas")).map(({ evidence }) => evidence)).toMatchObject([
    [{ kind: "acknowledged", ok: true, detail: note }],
    [{ kind: "acknowledged", ok: true, detail: note }],
    [],
  ]);
  expect(await davit("ack", "nas")).toEqual({ code: 0, stdout: "nas has nothing to answer\n", stderr: "" });
  expect(await davit("ack", "nas", "--json")).toMatchObject({ code: 0, stdout: "[]\n" });
  expect((await davit("list")).stdout).not.toContain("UNANSWERED");
});

it.each(["nas/20261120T020000Z", "nas@20261120T020000Z"])("answers one backup by its id %s", async (id) => {
  const { davit } = await oddScene();
  const answered = [{ id: "nas/20261120T020000Z", anomalies }];
  expect(JSON.parse((await davit("ack", id, "--json")).stdout)).toEqual(answered);
  expect(JSON.parse((await davit("ack", "nas@latest", "--json")).stdout)).toMatchObject([
    { id: "nas/20261121T020000Z" },
  ]);
});

it("says without names what is unanswered, and answers nothing", async () => {
  const { davit } = await oddScene();
  for (let times = 0; times < 2; times++)
    expect(JSON.parse((await davit("ack", "--json")).stdout)).toEqual([
      { id: "nas/20261121T020000Z", anomalies },
      { id: "nas/20261120T020000Z", anomalies },
    ]);
  await davit("ack", "nas");
  expect(await davit("ack")).toEqual({ code: 0, stdout: "nothing is to be answered\n", stderr: "" });
});

it("refuses a module without backups, a note for nothing, an empty note", async () => {
  const { davit } = await oddScene();
  expect(await davit("ack", "naz")).toMatchObject({ code: 4, stderr: expect.stringContaining("did you mean nas?") });
  expect(await davit("ack", "--note", "well")).toMatchObject({ code: 2 });
  expect(await davit("ack", "nas", "--note", "")).toMatchObject({ code: 2 });
  expect(await davit("ack", "../nas")).toMatchObject({ code: 2 });
});
