import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AgentProgram } from "../../fixtures/agent-program.ts";
import { contentOf, makePoints } from "../../fixtures/make-points.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

describe("davit agent, of points", () => {
  it("lists them, verifies them, and lists them as verified", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    const [full, increment] = await makePoints(agent.vault, { machine: "vm", count: 2 });
    const before = await agent.run("list", "vm");
    expect(before.stdout.split("\n").map((line) => line.split(/ {2,}/u)[0])).toEqual([
      "POINT",
      increment?.id,
      full?.id,
      "",
    ]);
    expect(before.stdout).toMatch(/ {2}incremental {2}.+ {2}sealed$/mu);

    expect(await agent.run("verify", "vm@latest")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${increment?.id}  sound: it and the 1 that it builds on, `),
    });
    const after = await agent.run("list");
    expect(after.stdout.match(/sealed, verified just now$/gmu)).toHaveLength(2);
    expect((await agent.run("runs", "vm")).stdout).toMatch(/-verify-vm-.* {2}ok vm\//u);
    expect(await agent.json("verify", "--all")).toMatchObject([
      { ok: true, id: increment?.id, sound: [full?.id, increment?.id] },
    ]);
  });

  it("says which point is damaged, and exits with 8", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    const [full, increment] = await makePoints(agent.vault, { machine: "vm", count: 2 });
    const file = join(full?.folder ?? "", "domain.xml");
    await writeFile(file, (await readFile(file, "utf8")).replace("domain", "d0main"));
    const { code, stderr } = await agent.run("verify", increment?.id ?? "");
    expect(code).toBe(8);
    expect(stderr).toContain("domain.xml");
    expect(await readFile(join(full?.folder ?? "", "evidence.ndjson"), "utf8")).toContain('"ok":false');
    expect((await agent.run("list", "vm")).stdout).toContain("NOT verified just now");
  });

  it("restores one to files that stand alone, and overwrites nothing", async () => {
    const folder = await scratchFolder();
    const agent = await AgentProgram.in(folder);
    const [, increment] = await makePoints(agent.vault, { machine: "vm", count: 2 });
    const to = join(folder, "restored");
    const first = await agent.run("restore", "vm@latest", "--to", to, "--disk", "vda");
    expect(first).toMatchObject({ code: 0, stdout: `${increment?.id} is restored to ${to}:\n  ${to}/vda.qcow2\n` });
    expect(await contentOf(join(to, "vda.qcow2"))).toBe(increment?.contents["vda"]);
    const second = await agent.run("restore", "vm@latest", "--to", to, "--disk", "vda");
    expect(second.code).not.toBe(0);
    expect(second.stderr).toContain(join(to, "vda.qcow2"));
  });

  it("prunes whole chains, says why, and removes nothing in a dry run", async () => {
    const agent = await AgentProgram.in(await scratchFolder(), "machines: { vm: { keep: last=1 } }\n");
    const old = await makePoints(agent.vault, { machine: "vm", count: 2, chain: "20261001T020000Z" });
    const [newest] = await makePoints(agent.vault, { machine: "vm", count: 1, chain: "20261101T020000Z" });
    expect((await agent.run("verify", newest?.id ?? "")).code).toBe(0);
    const dry = await agent.run("prune", "vm", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^vm: would remove 2 of 3$/mu) });
    for (const { id } of old) expect(dry.stdout).toMatch(new RegExp(`^would remove +${id} .*no rule keeps it$`, "mu"));
    expect(await agent.json("list", "vm")).toHaveLength(3);
    expect((await agent.run("prune", "--all")).stdout).toMatch(/^vm: removed 2 of 3$/mu);
    expect(await agent.json("list", "vm")).toMatchObject([{ id: newest?.id }]);
  });

  it("says that there is none, and where the first comes from", async () => {
    const agent = await AgentProgram.in(await scratchFolder());
    expect((await agent.run("list")).stdout).toContain(
      "holds no points yet; `davit agent backup --all` makes the first",
    );
    expect(await agent.run("list", "vm")).toMatchObject({ code: 4 });
    expect(await agent.run("verify", "--all")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("the vault is empty"),
    });
    expect(await agent.run("backup", "--all")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("names no machine"),
    });
  });
});
