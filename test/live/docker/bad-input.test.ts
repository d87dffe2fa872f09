import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DavitProgram, type Finished } from "../../fixtures/davit-program.ts";
import { busyboxImage, ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { Containers, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { type LabelledModule, labelledModule } from "../../fixtures/live/labelled-module.ts";
import { startPrivateEngine } from "../../fixtures/live/private-engine.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();

beforeAll(async () => {
  await ensureBusyboxImage();
});
afterEach(async () => containers.removeAll());

async function fill(source: string): Promise<void> {
  await writeFile(join(source, "one"), "first\n");
  await runTool("dd", "if=/dev/urandom", `of=${join(source, "noise")}`, "bs=1k", "count=300", "status=none");
}

/** Runs a verb; whatever it says, it says without a stack trace. */
async function say(davit: DavitProgram, ...words: string[]): Promise<Finished> {
  const result = await davit.run(...words);
  expect(result.stdout + result.stderr).not.toMatch(/^\s+at |node:internal|\[object |undefined/mu);
  return result;
}

describe("a label", () => {
  it.each([
    ["davit.schedule", "at night", "cron"],
    ["davit.keep", "last=many", "last"],
    ["davit.compression", "gzip:99", "gzip"],
    ["davit.hold", "freeze", "pause"],
    ["davit.hold.timeout", "soon", "60s"],
    ["davit.timezone", "Mars/Base", "Europe/Berlin"],
    ["davit.enable", "perhaps", "true"],
    ["davit.include", "/etc", "below a root"],
    ["davit.module", "../up", "module"],
    ["davit.hold", "hooks", "davit.exec.hold"],
    ["davit.exec.before-hold", "sh -c 'oops", "quot"],
    ["davit.dump", "oracle", "postgres"],
    ["davit.drill", "ping", "health"],
    ["davit.drill.schedule", "sometimes", "cron"],
  ])("%s=%s fails its module, which says what would be right", async (name, value, right) => {
    const { davit, module, id } = await labelledModule(containers, fill, { [name]: value });
    const shown = await say(davit, "modules", module);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining("FAILING") });
    for (const words of [name, value, right, "hint: "]) expect(shown.stdout).toContain(words);
    const { code, stderr } = await say(davit, "backup", module);
    expect(code).toBe(3);
    for (const words of [name, value, "hint: "]) expect(stderr).toContain(words);
    expect(await stateOf(id)).toBe("running");
  });

  it.each([
    ["davit.shedule", "0 3 * * *", "did you mean davit.schedule?"],
    ["davit.colour", "blue", "docs/labels.md has all names"],
    ["davit.engine", "restic", "not available yet"],
    ["davit.exec.hold", "sync", "has no effect with davit.hold=pause"],
    ["davit.copy", "offsite", "not available yet"],
  ])("%s=%s has no effect, which is told wherever the module is", async (name, value, told) => {
    const { davit, module } = await labelledModule(containers, fill, { [name]: value });
    const { code, stdout } = await say(davit, "modules", module);
    expect(code).toBe(0);
    expect(stdout).toContain(name);
    expect(stdout).toContain(told);
    expect(stdout).not.toContain("FAILING");
    const done = await say(davit, "backup", module);
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining(told) });
  });

  it("on which the containers of a module disagree fails it, and both are named", async () => {
    const shared = uniqueName("shared");
    const labels = { "davit.module": shared, "davit.keep": "last=1" };
    const { davit, module, source } = await labelledModule(containers, fill, labels);
    const other = await containers.make({
      labels: { "davit.enable": "true", ...labels, "davit.keep": "last=2" },
      binds: [`${source}:/data`],
    });
    const { code, stderr } = await say(davit, "backup", shared);
    expect(code).toBe(3);
    for (const words of [module, other.name, "davit.keep=last=1", "davit.keep=last=2", "hint: "])
      expect(stderr).toContain(words);
  });
});

describe("sources", () => {
  it("that two modules share or nest are told of, and backed up with each", async () => {
    const { davit, module, source } = await labelledModule(containers, fill);
    await mkdir(join(source, "inner"));
    await writeFile(join(source, "inner", "two"), "second\n");
    const labels = { "davit.enable": "true" };
    const inner = await containers.make({ labels, binds: [`${join(source, "inner")}:/data`] });
    for (const [one, other] of [
      [module, inner.name],
      [inner.name, module],
    ] as const) {
      const { stdout } = await say(davit, "modules", one);
      expect(stdout).toContain(`the container ${other}, which is not held with this module, writes to`);
      expect(stdout).toContain("hint: give both the same davit.module");
      expect((await say(davit, "backup", one)).code).toBe(0);
      expect((await say(davit, "cat", `${one}@latest`, join(source, "inner", "two"))).stdout).toBe("second\n");
    }
  });

  it("that nest in one module are archived once", async () => {
    const { davit, module, source } = await labelledModule(containers, fill, { "davit.module": "nested" });
    await mkdir(join(source, "inner"));
    await writeFile(join(source, "inner", "two"), "second\n");
    const labels = { "davit.enable": "true", "davit.module": "nested" };
    await containers.make({ labels, binds: [`${join(source, "inner")}:/data`] });
    expect(module).not.toBe("nested");
    await davit.json("backup", "nested");
    const [time = ""] = await readdir(join(davit.vault, "nested"));
    const listed = await runTool("tar", "-tzf", join(davit.vault, "nested", time, "nested.tar.gz"));
    const paths = listed.trim().split("\n");
    expect(paths.filter((path) => path.endsWith("inner/two"))).toHaveLength(1);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("that Davit can't see fail their module", async () => {
    const { davit, module, source } = await labelledModule(containers, fill);
    await rm(source, { recursive: true });
    const { code, stderr } = await say(davit, "backup", module);
    expect(code).toBe(3);
    expect(stderr).toContain(`Davit can't see ${source}`);
    expect(stderr).toContain("hint: mount it into Davit's container at the same path");
  });
});

it("a module that fails keeps no other from its backup", async () => {
  const engine = await startPrivateEngine();
  await ensureBusyboxImage(engine.client);
  const { davit, source } = await labelledModule(containers, fill);
  davit.environment["DOCKER_HOST"] = engine.dockerHost;
  for (const [name, label] of [
    ["a-broken", "at night"],
    ["healthy", "0 3 * * *"],
    ["z-broken", "never"],
  ] as const) {
    const labels = { "davit.enable": "true", "davit.schedule": label };
    const HostConfig = { Binds: [`${source}:/data:ro`], NetworkMode: "none" };
    await engine.client.createContainer({ name, Image: busyboxImage, Cmd: ["true"], Labels: labels, HostConfig });
  }
  const { code, stdout, stderr } = await say(davit, "backup", "--all");
  expect(code).toBe(3);
  expect(stdout).toContain("healthy/");
  for (const name of ["a-broken", "z-broken"]) expect(stderr).toContain(`${name} was not backed up`);
  const named = await say(davit, "backup", "a-broken", "healthy", "z-broken");
  expect(named).toMatchObject({ code: 3, stdout: expect.stringContaining("healthy/") });
  expect(await davit.json("verify", "--all")).toMatchObject([{ ok: true }, { ok: true }]);
});

describe("a configuration", () => {
  const verbs = [["config"], ["modules"], ["list"], ["backup", "x"], ["verify", "x@latest"]] as const;
  const restore = ["restore", "x@latest", "--to", "/tmp/nowhere"] as const;

  it.each([
    ["broken YAML", { yaml: "vault: [/a\nstate: x" }, ["davit.yaml:2:", "mend the YAML"]],
    ["an unknown key", { yaml: "valut: /mnt/x\n" }, ["davit.yaml:1:1: unknown key valut", "did you mean vault?"]],
    ["an unknown variable", { DAVIT_VALUT: "/x" }, ["DAVIT_VALUT", "did you mean DAVIT_VAULT?"]],
    ["an unreadable secret", { DAVIT_PASSWORD_FILE: "/nowhere/secret" }, ["/nowhere/secret", "ENOENT", "mounted"]],
    [
      "a secret given twice",
      { DAVIT_PASSWORD: "hunter2", DAVIT_PASSWORD_FILE: "/x" },
      ["both DAVIT_PASSWORD and DAVIT_PASSWORD_FILE", "set one of them"],
    ],
    ["a bad DOCKER_HOST", { DOCKER_HOST: "ftp://engine" }, ["DOCKER_HOST", "ftp://engine", "tcp://socket-proxy:2375"]],
    ["a missing davit.yaml", { DAVIT_CONFIG: "/nowhere/davit.yaml" }, ["/nowhere/davit.yaml", "look whether"]],
  ] as const)("with %s is refused by every verb, and says what is wrong with it", async (_name, given, told) => {
    const { yaml, ...environment }: Record<string, string> = given;
    const scratch = await scratchFolder();
    const davit = await DavitProgram.in(scratch, environment);
    if (yaml !== undefined) {
      davit.environment["DAVIT_CONFIG"] = join(scratch, "davit.yaml");
      await writeFile(join(scratch, "davit.yaml"), yaml);
    }
    for (const words of [...verbs, restore]) {
      const { code, stderr } = await say(davit, ...words);
      expect({ words, code, stderr }).toMatchObject({ words, code: 3, stderr: expect.stringContaining("hint: ") });
      for (const one of told) expect(stderr).toContain(one);
      expect(stderr).not.toContain("hunter2");
    }
  });
});

it.each([
  ["unix:///nowhere/docker.sock", "no socket there"],
  ["tcp://127.0.0.1:1", "nothing listens there"],
])("an engine that does not answer at %s is told; what needs none goes on", async (dockerHost, hint) => {
  const { davit, module } = await labelledModule(containers, fill);
  await davit.json("backup", module);
  davit.environment["DOCKER_HOST"] = dockerHost;
  for (const words of [["modules"], ["backup", module], ["backup", "--all"]]) {
    const { code, stderr } = await say(davit, ...words);
    expect({ words, code }).toEqual({ words, code: 6 });
    expect(stderr).toContain(`the Docker engine at ${dockerHost} does not answer`);
    expect(stderr).toContain(`hint: ${hint}`);
  }
  const target = join(await scratchFolder(), "target");
  for (const words of [
    ["config"],
    ["list"],
    ["verify", `${module}@latest`],
    ["restore", `${module}@latest`, "--to", target],
  ])
    expect({ words, ...(await say(davit, ...words)) }).toMatchObject({ words, code: 0, stderr: "" });
});

describe("a backup", () => {
  const sixteen = Buffer.alloc(16, 0x55);
  type Damage = (folder: string, archive: string) => Promise<void>;
  const edit = async (file: string, change: (text: string) => string): Promise<void> =>
    writeFile(file, change(await readFile(file, "utf8")));
  const overwrite = async (file: string): Promise<void> => {
    const bytes = await readFile(file);
    sixteen.copy(bytes, Math.floor(bytes.length / 2));
    await writeFile(file, bytes);
  };
  const manifest = (folder: string): string => join(folder, "manifest.json");
  const index = (folder: string): string => join(folder, "index.ndjson.gz");

  const sumManifest = async (folder: string): Promise<void> => {
    const sum = (await runTool("sha256sum", manifest(folder))).split(" ")[0] ?? "";
    await edit(join(folder, "SHA256SUMS"), (text) => text.replace(/^\S+(?= [ *]manifest\.json$)/mu, sum));
  };

  it.each<[string, Damage, { listed: string | null; restore: number; words: string }]>([
    ["no manifest", (f) => rm(manifest(f)), { listed: "manifest.json is missing", restore: 8, words: "manifest.json" }],
    [
      "a corrupt manifest",
      (f) => writeFile(manifest(f), "{ nonsense"),
      { listed: "manifest.json is damaged", restore: 8, words: "manifest.json" },
    ],
    [
      "a manifest of a newer format",
      async (f) => {
        await edit(manifest(f), (text) => text.replace(/"format": ?1/u, '"format":99'));
        await sumManifest(f);
      },
      { listed: "written by a newer Davit (format 99", restore: 8, words: "format 99" },
    ],
    ["no index", (f) => rm(index(f)), { listed: "index.ndjson.gz is missing", restore: 8, words: "index.ndjson.gz" }],
    ["a corrupt index", (f) => overwrite(index(f)), { listed: null, restore: 8, words: "index.ndjson.gz" }],
    ["a truncated index", (f) => truncate(index(f), 40), { listed: null, restore: 8, words: "index.ndjson.gz" }],
    ["no archive", (_, a) => rm(a), { listed: ".tar.gz is missing", restore: 8, words: ".tar.gz" }],
    ["a corrupt archive", (_, a) => overwrite(a), { listed: null, restore: 8, words: ".tar.gz" }],
    [
      "a truncated archive",
      (_, a) => truncate(a, 100_000),
      { listed: "has 100000 bytes", restore: 8, words: ".tar.gz" },
    ],
    [
      "no checksums",
      (f) => rm(join(f, "SHA256SUMS")),
      { listed: "SHA256SUMS is missing", restore: 0, words: "SHA256SUMS" },
    ],
  ])(
    "with %s is told by every verb, and costs no other backup anything",
    async (_name, damage, { listed, restore, words }) => {
      const scene = await labelledModule(containers, fill);
      const { davit, module, source } = scene;
      await davit.json("backup", module);
      const [sound = ""] = await times(scene);
      const time = "20990101T000000Z"; // copied, so that both hold the same
      const folder = join(davit.vault, module, time);
      await cp(join(davit.vault, module, sound), folder, { recursive: true });
      await edit(manifest(folder), (text) => text.replaceAll(sound, time));
      await sumManifest(folder);
      expect((await say(davit, "verify", `${module}/${time}`)).code).toBe(0);
      await rm(join(folder, "evidence.ndjson"));
      await damage(folder, join(folder, `${module}.tar.gz`));

      const list = await say(davit, "list", module);
      expect(list.code).toBe(0);
      const problem = new RegExp(`${time}.*PROBLEM: .*${RegExp.escape(listed ?? "")}`, "u");
      expect(problem.test(list.stdout)).toBe(listed !== null);
      const verified = await say(davit, "verify", "--all");
      expect(verified).toMatchObject({ code: 8, stdout: expect.stringContaining(`${module}/${sound}  sound`) });
      expect(verified.stderr).toContain(`${module}/${time}`);
      expect(verified.stderr).toContain(words);
      const target = join(await scratchFolder(), "target");
      const restored = await say(davit, "restore", `${module}/${time}`, "--to", target);
      expect(restored.code).toBe(restore);
      if (restore !== 0) expectTold(restored, words);

      const other = join(await scratchFolder(), "target");
      await davit.json("restore", `${module}/${sound}`, "--to", other);
      expect(await readFile(join(other, source, "one"), "utf8")).toBe("first\n");
      await davit.json("backup", module);
      expect(await times(scene)).toHaveLength(3);
      expect((await say(davit, "cat", `${module}@latest`, join(source, "one"))).stdout).toBe("first\n");
    },
  );

  function expectTold({ stderr }: Finished, words: string): void {
    expect(stderr).toContain(words);
    expect(stderr).toContain("hint: ");
  }

  async function times({ davit, module }: LabelledModule): Promise<string[]> {
    return readdir(join(davit.vault, module));
  }
});
