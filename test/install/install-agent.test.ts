import { chmod, mkdir, readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentExample } from "../../src/config/agent-example.ts";
import { defaultAgentConfig } from "../../src/config/load-agent-config.ts";
import { installAgent, type InstallOrder } from "../../src/install/install-agent.ts";
import { uninstallAgent } from "../../src/install/uninstall-agent.ts";
import { runTool } from "../fixtures/run-tool.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const unit = "etc/systemd/system/davit-agent.service";
const wants = "etc/systemd/system/multi-user.target.wants/davit-agent.service";

describe("installing the agent", () => {
  it("puts program, agent.yaml, folders and unit into place, and says so", async () => {
    const order = await makeOrder();
    const steps = await installAgent(order);
    expect(steps.map(({ outcome }) => outcome)).toEqual(steps.map(() => "made"));
    expect(await readFile(join(order.root, "usr/local/bin/davit"), "utf8")).toBe("#!/bin/true\n");
    expect(await readFile(join(order.root, "etc/davit/agent.yaml"), "utf8")).toBe(agentExample());
    const modes = await Promise.all(
      ["usr/local/bin/davit", "var/lib/davit-agent", "var/lib/davit-agent/scratch", "mnt/backups/vm", unit].map(
        async (one) => ((await stat(join(order.root, one))).mode & 0o7777).toString(8),
      ),
    );
    expect(modes).toEqual(["755", "711", "711", "711", "644"]);
    expect(await readFile(join(order.root, "etc/passwd"), "utf8")).toMatch(/^davit-drill:.*:\/usr\/sbin\/nologin$/mu);
    expect(await readlink(join(order.root, wants))).toBe("/etc/systemd/system/davit-agent.service");
  });

  it("changes nothing a second time, and nothing that is the user's", async () => {
    const order = await makeOrder();
    const file = join(order.root, "etc/davit/agent.yaml");
    await mkdir(join(order.root, "etc/davit"), { recursive: true });
    await writeFile(file, "machines: {}\n", { mode: 0o600 });
    await mkdir(join(order.root, "mnt/backups/vm"), { recursive: true });
    await chmod(join(order.root, "mnt/backups/vm"), 0o770);
    const first = await installAgent(order);
    expect(first.find(({ what }) => what === file)?.outcome).toBe("kept");
    expect(first.find(({ what }) => what.endsWith("/vm"))).toMatchObject({
      outcome: "changed",
      note: "its mode, to 771",
    });
    const before = await tree(order.root);
    expect((await installAgent(order)).map(({ outcome }) => outcome)).toEqual(first.map(() => "kept"));
    expect(await tree(order.root)).toEqual(before);
    expect(await readFile(file, "utf8")).toBe("machines: {}\n");
  });

  it("writes the unit anew where folders have changed, and the program where it is another", async () => {
    const order = await makeOrder();
    await installAgent(order);
    await writeFile(order.program.file, "#!/bin/false\n");
    const steps = await installAgent({ ...order, config: { ...order.config, copies: "/srv/copies of sidecars" } });
    expect(
      steps.filter(({ outcome }) => outcome === "changed").map(({ what }) => what.replace(order.root, "")),
    ).toEqual(["/usr/local/bin/davit", `/${unit}`]);
    expect(await readFile(join(order.root, unit), "utf8")).toMatch(
      /^ReadWritePaths=.* "-\/srv\/copies of sidecars"$/mu,
    );
  });

  it("only says what it would do, where that is asked", async () => {
    const order = { ...(await makeOrder()), dryRun: true };
    const steps = await installAgent(order);
    expect(steps.map(({ outcome }) => outcome)).toEqual(steps.map(() => "wanted"));
    expect(await readdir(order.root)).toEqual([]);
  });

  it("takes itself away again, and leaves configuration, state and backups", async () => {
    const order = await makeOrder();
    await installAgent(order);
    const backup = join(order.root, "mnt/backups/vm/docker-host");
    await mkdir(backup);
    const steps = await uninstallAgent(order);
    expect(steps.map(({ what, outcome }) => `${outcome} ${what.replace(order.root, "")}`)).toEqual([
      "changed start davit-agent.service no more",
      `removed /${unit}`,
      "removed /etc/sysusers.d/davit-agent.conf",
      "removed /usr/local/bin/davit",
    ]);
    const left = (await tree(order.root)).map((line) => line.split(" ")[0]);
    expect(left).toEqual(
      expect.arrayContaining(["etc/davit/agent.yaml", "var/lib/davit-agent", "mnt/backups/vm/docker-host"]),
    );
    expect(left.filter((one) => one?.includes("davit-agent.service") || one?.startsWith("usr/local/bin/"))).toEqual([]);
    expect(await uninstallAgent(order)).toEqual([]);
  });
});

describe("the systemd unit", () => {
  it("is understood by systemd, and leaves the service little to do harm with", async () => {
    const order = await makeOrder();
    await installAgent({ ...order, config: { ...order.config, vault: "/mnt/100% of $HOME/vm" } });
    const file = join(order.root, unit);
    // systemd looks for the program where the unit says that it is.
    const text = (await readFile(file, "utf8")).replace("/usr/local/bin/davit", "/bin/true");
    await writeFile(file, text);
    const complaints = await runTool("sh", "-c", `systemd-analyze verify '${file}' 2>&1`);
    expect(complaints).toBe("");
    const report = await runTool("systemd-analyze", "security", "--offline=true", "--no-pager", file);
    const exposure = Number(/Overall exposure level for davit-agent.service: ([\d.]+)/u.exec(report)?.[1]);
    // That of a service that nobody has hardened is 9.6.
    expect(exposure).toBeLessThan(3.5);
  });
});

async function makeOrder(): Promise<InstallOrder> {
  const folder = await scratchFolder();
  const root = join(folder, "root");
  const file = join(folder, "davit");
  await mkdir(root);
  await writeFile(file, "#!/bin/true\n", { mode: 0o700 });
  return {
    root,
    program: { file, isExecutable: true },
    config: defaultAgentConfig("/etc/davit/agent.yaml"),
    dryRun: false,
    signal: new AbortController().signal,
  };
}

/** Every path below a folder, with what tells whether it was touched. */
async function tree(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const { mode, ino, mtimeMs } = await stat(join(folder, name)).catch(() => ({ mode: 0, ino: 0, mtimeMs: 0 }));
      return `${name} ${mode.toString(8)} ${ino} ${mtimeMs}`;
    }),
  );
}
