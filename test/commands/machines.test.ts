import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatPairingLine } from "../../src/contract/link.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { type LinkScene, linkScene } from "../link/scene.ts";
import { makeScene } from "./scene.ts";

/** A `davit` that is paired with a real agent's end of the link. */
async function pairedScene() {
  const [link, scene] = [await linkScene(), await makeScene()];
  scene.settings["DAVIT_AGENT"] = formatPairingLine(await link.pair("docker-host", ["mail"]));
  return { ...scene, link };
}

/** The run that was started last. */
async function lastRun({ machines }: LinkScene): Promise<string> {
  return (await machines.runs("docker-host", 1))[0]?.run ?? "none";
}

describe("davit machines", () => {
  it("shows each with its newest point, how well that is proven, and what is next", async () => {
    const { davit } = await pairedScene();
    const { code, stdout } = await davit("machines");
    expect(code).toBe(0);
    const [first = "", second = ""] = stdout.split("\n\n");
    expect(first.split("\n")).toEqual([
      "docker-host",
      "  domain    docker-host.domain (running)",
      "  points    2 in 1 chain",
      expect.stringMatching(/^ {2}newest {4}20261123T010000Z, .+, sealed, verified .+$/u),
      expect.stringMatching(/^ {2}next {6}incremental .+, full .+$/u),
    ]);
    expect(second).toMatch(/^mail\n/u);
    const all: unknown = JSON.parse((await davit("machines", "--json")).stdout);
    expect(all).toMatchObject([{ name: "docker-host", points: [{}, {}] }, { name: "mail" }]);
  });

  it("says how to pair where no agent is", async () => {
    const { davit } = await makeScene();
    for (const words of [["machines"], ["machine", "list", "docker-host"], ["copy", "nas@latest"]]) {
      const { code, stderr } = await davit(...words);
      expect(code).toBe(3);
      for (const part of ["no agent is paired", "davit agent pair", "DAVIT_AGENT", "docs/link.md"])
        expect(stderr).toContain(part);
    }
  });

  it("says that the agent does not answer, and what to look at", async () => {
    const { davit, link } = await pairedScene();
    await link.server.close();
    const { code, stderr } = await davit("machines");
    expect(code).toBe(6);
    expect(stderr).toContain("systemctl status davit-agent");
  });

  it("says that the token is no longer good, and how to get another", async () => {
    const { davit, link } = await pairedScene();
    await link.pair("docker-host");
    const { code, stderr } = await davit("machines");
    expect(code).toBe(10);
    expect(stderr).toContain("davit agent pair");
  });
});

describe("davit machine", () => {
  it("lists the points of one", async () => {
    const { davit } = await pairedScene();
    const { code, stdout } = await davit("machine", "list", "docker-host");
    expect(code).toBe(0);
    expect(stdout).toContain("POINT");
    expect(stdout).toMatch(/^docker-host\/20261122T010000Z\/20261123T010000Z .+ incremental .+ hold, freeze, 61 ms /mu);
  });

  it.each([
    [["backup"], "incremental"],
    [["backup", "--full"], "full"],
    [["verify"], "verify"],
    [["drill"], "drill"],
  ])("%s follows the job to its end, which is the exit code", async ([verb = "", ...options], job) => {
    const { davit, link } = await pairedScene();
    const going = davit("machine", verb, "docker-host", ...options, "--json");
    await expect.poll(() => link.machines.started, { timeout: 20_000 }).toEqual([`docker-host ${job}`]);
    const run = await lastRun(link);
    link.machines.tell(run, { type: "warning", message: "the guest agent does not answer" });
    link.machines.tell(run, { type: "ended", outcome: "ok", backup: "docker-host/a/b", failure: null });
    const { code, stdout, stderr } = await going;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "warning: the guest agent does not answer\n" });
    expect(JSON.parse(stdout)).toEqual({
      machine: "docker-host",
      job,
      run,
      outcome: "ok",
      backup: "docker-host/a/b",
      failure: null,
    });
  });

  it("tells a job that failed with the host's own words and its exit code", async () => {
    const { davit, link } = await pairedScene();
    const going = davit("machine", "verify", "docker-host");
    await expect.poll(() => link.machines.started, { timeout: 20_000 }).toHaveLength(1);
    const run = await lastRun(link);
    const failure = { kind: "damaged", message: "vda.qcow2 does not match", hint: "make a full" } as const;
    link.machines.tell(run, { type: "ended", outcome: "failed", backup: null, failure });
    const { code, stderr } = await going;
    expect(code).toBe(8);
    expect(stderr).toBe("docker-host: vda.qcow2 does not match\n  hint: make a full\n");
  });

  it("comes back at once with --detach, and tells that another job goes on", async () => {
    const { davit, link } = await pairedScene();
    const { code, stdout } = await davit("machine", "backup", "docker-host", "--detach");
    const run = await lastRun(link);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${run}\n` });
    const second = await davit("machine", "backup", "docker-host");
    expect(second.code).toBe(5);
    expect(second.stderr).toContain(run);
  });

  it("explains what makes no sense", async () => {
    const { davit } = await pairedScene();
    const failing = async (...words: string[]) => {
      const { code, stderr } = await davit("machine", ...words);
      return `${code} ${stderr}`;
    };
    expect(await failing()).toMatch(/^2 .*\n {2}hint: davit machine backup NAME/u);
    expect(await failing("restore", "docker-host")).toContain("there are backup, list, verify, drill");
    expect(await failing("lst", "docker-host")).toContain("davit machine list?");
    expect(await failing("verify", "--full", "docker-host")).toContain("--full goes with backup");
    expect(await failing("list", "docker-hots")).toMatch(/^4 .*\n {2}hint: did you mean docker-host\?/u);
    expect(await failing("list", "$(reboot)")).toMatch(/^4 /u);
  });
});

describe("davit copy", () => {
  const time = "20261122T020000Z";

  it("brings a backup whole onto the host, once, and writes that down", async () => {
    const { davit, link, backup } = await pairedScene();
    const folder = await backup("nas", time);
    const { code, stdout, stderr } = await davit("copy", "nas@latest");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^nas\/20261122T020000Z {2}copied to the agent at 127\.0\.0\.1:\d+: .+ sent\n$/u);
    const [host = ""] = await readdir(link.copies);
    const copy = join(link.copies, host, "nas", time);
    await runTool("sh", "-c", `cd '${copy}' && sha256sum -c --strict SHA256SUMS`);
    await runTool("diff", "-r", "--exclude=evidence.ndjson", folder, copy);
    expect((await davit("list", "nas")).stdout).toContain("copied");
    expect((await davit("runs", "nas")).stdout).toContain("copy-nas");
    expect((await davit("copy", "nas@latest")).stdout).toContain("was there already");
  });

  it("says that a backup is damaged here already, and leaves none that looks whole", async () => {
    const { davit, link, backup } = await pairedScene();
    const folder = await backup("nas", time);
    await writeFile(join(folder, "nas.tar.gz"), "not what it was");
    const { code, stderr } = await davit("copy", "nas@latest");
    expect(code).toBe(8);
    expect(stderr).toContain("nas.tar.gz");
    const [made = ""] = await readdir(link.copies).catch(() => []);
    expect(await readdir(join(link.copies, made, "nas")).catch(() => [])).not.toContain(time);
  });

  it("of an agent that takes none is told as such", async () => {
    const [link, scene] = [await linkScene({ copies: null }), await makeScene()];
    scene.settings["DAVIT_AGENT"] = formatPairingLine(await link.pair());
    await scene.backup("nas", time);
    const { code, stderr } = await scene.davit("copy", "nas@latest");
    expect(code).toBe(3);
    expect(stderr).toContain("agent.yaml");
  });
});

it("davit config shows where the agent is, and never its token", async () => {
  const { davit, settings } = await pairedScene();
  const token = settings["DAVIT_AGENT"]?.split("#")[1] ?? "";
  for (const options of [[], ["--json"]]) {
    const { stdout, stderr } = await davit("config", ...options);
    expect(stdout).toContain("127.0.0.1:");
    expect(stdout + stderr).not.toContain(token);
  }
});
