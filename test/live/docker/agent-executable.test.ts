import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import type { Finished } from "../../fixtures/davit-program.ts";
import { agentExecutable } from "../../fixtures/live/agent-executable.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

let executable: string;
beforeAll(async () => {
  executable = await agentExecutable();
});

describe("the agent's executable, on a Debian that has no Node", () => {
  it("is one file, and there is no other Node", async () => {
    expect((await stat(executable)).isFile()).toBe(true);
    const { code, stdout } = await inContainer(["sh", "-c", "command -v node; ls /usr/local/bin"]);
    expect([code, stdout]).toEqual([0, ""]);
  });

  it("says its version with the commit, and how it is used", async () => {
    const version = await inContainer(["/opt/davit", "--version"]);
    expect(version).toMatchObject({ code: 0, stderr: "" });
    expect(version.stdout).toMatch(new RegExp(`^${packageJson.version} \\([0-9a-f]{7,}(, changed)?\\)\n$`, "u"));
    const help = await inContainer(["/opt/davit", "agent", "--help"]);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ {2}backup +back up machines now$/mu) });
  });

  it("needs no environment and no rights for that", async () => {
    const words = ["setpriv", "--reuid=65534", "--clear-groups", "env", "-i", "/opt/davit", "--version"];
    expect(await inContainer(words)).toMatchObject({ code: 0, stdout: expect.stringContaining(packageJson.version) });
  });

  it("names what is wrong in agent.yaml, with its line, and exits with 3", async () => {
    const folder = await configured("machines:\n  vm: { ful: daily }\n");
    const { code, stderr } = await inContainer(["/opt/davit", "agent", "config"], folder);
    expect([code, stderr]).toEqual([
      3,
      "davit: /etc/davit/agent.yaml:4:9: unknown key machines.vm.ful\n  hint: did you mean full?\n",
    ]);
  });

  it("doctors a host without libvirt, and says how to get it", async () => {
    const folder = await configured("machines: { vm: {} }\n");
    const { code, stdout } = await inContainer(["/opt/davit", "agent", "doctor"], folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^error +libvirt qemu:\/\/\/system +virsh is not installed\n +hint: .*apt install libvirt-clients/mu,
    );
    expect(stdout).toMatch(/^ok +vault +\/data\/vault can be written to/mu);
    expect(stdout).toMatch(/^warning +service +the service is not installed/mu);
  });

  it("installs itself", async () => {
    const folder = await configured("");
    const words = ["/opt/davit", "agent", "install", "--root", "/data/image"];
    const { stdout } = await inContainer(words, folder);
    expect(stdout).toMatch(/^made +\/data\/image\/usr\/local\/bin\/davit$/mu);
    const [own, copy] = await Promise.all([stat(executable), stat(join(folder, "data/image/usr/local/bin/davit"))]);
    expect(copy.size).toBe(own.size);
    expect((await inContainer(["/data/image/usr/local/bin/davit", "--version"], folder)).code).toBe(0);
  });

  it("serves, answers over TLS, keeps its locks, and ends on SIGTERM with 0", async () => {
    const folder = await configured("listen: 0.0.0.0:8470\n");
    const name = `davit-test-agent-${randomBytes(4).toString("hex")}`;
    const serving = inContainer(["/opt/davit", "agent", "serve"], folder, ["--name", name]);
    onTestFinished(() => void runTool("docker", "rm", "-f", name).catch(() => undefined));
    const log = (): Promise<string> => runTool("sh", "-c", `docker logs ${name} 2>&1`);
    await vi.waitFor(async () => expect(await log()).toContain('"msg":"serving"'), { timeout: 60_000, interval: 200 });
    const address = (await runTool("docker", "inspect", "-f", "{{.NetworkSettings.IPAddress}}", name)).trim();
    expect(await answer(`https://${address}:8470/`)).toContain('"reason":"not-paired"');
    const second = await run("docker", ["exec", name, "/opt/davit", "agent", "serve"]);
    expect(second).toMatchObject({ code: 5, stderr: expect.stringContaining("another `davit agent serve`") });
    expect(await readdir(join(folder, "data/state"))).toContain("serve.lock");
    await runTool("docker", "stop", "--time", "30", name);
    expect(await serving).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('"msg":"stopping: runs end, machines are let go"'),
    });
  });
});

/** A folder with an agent.yaml and what it names, which become /etc/davit and /data. */
async function configured(yaml: string): Promise<string> {
  const folder = await scratchFolder();
  for (const one of ["etc", "data/vault", "data/state"]) await mkdir(join(folder, one), { recursive: true });
  await writeFile(join(folder, "etc/agent.yaml"), `vault: /data/vault\nstate: /data/state\n${yaml}`);
  return folder;
}

/** Runs words in a container whose own Node is hidden; the executable is /opt/davit in it. */
async function inContainer(words: readonly string[], folder?: string, more: readonly string[] = []): Promise<Finished> {
  const mounts = folder === undefined ? [] : ["-v", `${folder}/etc:/etc/davit`, "-v", `${folder}/data:/data`];
  const [program = "", ...rest] = words;
  const hidden = ["--tmpfs", "/usr/local/bin:exec", "--tmpfs", "/app", "-v", `${executable}:/opt/davit:ro`];
  return run("docker", ["run", "--rm", ...hidden, ...mounts, ...more, "--entrypoint", program, "davit:test", ...rest]);
}

async function answer(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(url, { rejectUnauthorized: false }, (response) => {
    text(response).then(resolve, reject);
  }).once("error", reject);
  return promise;
}

async function run(program: string, words: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(program, words, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : null, stdout, stderr });
    });
  });
}
