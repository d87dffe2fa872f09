import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const root = join(import.meta.dirname, "../..");

/** A file, what it holds, and a piece of the reason that the rule gives. */
const refused: [file: string, content: string, reason: string][] = [
  ["src/contract/a.ts", 'import "../failure/failure.ts";', "nothing but zod and itself"],
  ["src/contract/b.ts", 'import "node:fs";', "nothing but zod and itself"],
  ["src/failure/a.ts", 'import "../config/config.ts";', "the contract alone"],
  ["src/log/a.ts", 'import "../config/config.ts";', "the contract alone"],
  ["src/format/a.ts", 'import "../archive/walk.ts";', "stand on knows none of them"],
  ["src/docker/a.ts", 'import "../flow/davit.ts";', "stand on knows none of them"],
  ["src/docker/b.ts", 'import "../hold/holder.ts";', "stand on knows none of them"],
  ["src/libc/a.ts", 'import "../runs/open-runs.ts";', "stand on knows none of them"],
  ["src/seal/a.ts", 'import "../archive/walk.ts";', "never imports another stage"],
  ["src/seal/b.ts", 'import type { X } from "../vault/open-vault.ts";', "never imports another stage"],
  ["src/seal/c.ts", 'export * from "../vault/open-vault.ts";', "never imports another stage"],
  ["src/seal/d.ts", 'await import("../vault/open-vault.ts");', "never imports another stage"],
  ["src/archive/a.ts", 'import "../restore/notes.ts";', "never imports another stage"],
  ["src/dump/a.ts", 'import "../hold/run-hook.ts";', "never imports another stage"],
  ["src/verify/a.ts", 'import "../flow/backup.ts";', "does not know the flow"],
  ["src/archive/b.ts", 'import "../api/listen.ts";', "does not know the flow"],
  ["src/compare/a.ts", 'import "../vault/open-vault.ts";', "never imports another stage"],
  ["src/notify/a.ts", 'import "../runs/open-runs.ts";', "never imports another stage"],
  ["src/seal/e.ts", 'import "../compare/find-anomalies.ts";', "never imports another stage"],
  ["src/browse/a.ts", 'import "../vault/open-vault.ts";', "never imports another stage"],
  ["src/browse/b.ts", 'import "../flow/browse.ts";', "does not know the flow"],
  ["src/format/b.ts", 'import "../browse/open-browser.ts";', "stand on knows none of them"],
  ["src/vault/a.ts", 'import "../browse/open-browser.ts";', "never imports another stage"],
  ["src/runs/a.ts", 'import "../vault/open-vault.ts";', "never imports another stage"],
  ["src/flow/a.ts", 'import "../commands/output.ts";', "does not know who asked for it"],
  ["src/flow/b.ts", 'import "../schedule/next-run.ts";', "does not know who asked for it"],
  ["src/doctor/a.ts", 'import "../vault/open-vault.ts";', "never imports another stage"],
  ["src/schedule/a.ts", 'import "../flow/backup.ts";', "is handed what to run"],
  ["src/api/a.ts", 'import "../commands/output.ts";', "as the CLI does beside it"],
  ["extension/src/a.ts", 'import "../../src/vault/open-vault.ts";', "the contract alone"],
  ["extension/src/b.ts", 'import "node:fs";', "runs in a browser"],
  ["src/commands/a.ts", 'import "../davit.ts";', "Nothing imports a program"],
  ["src/hold/a.ts", 'import "dockerode";', "src/docker"],
  ["src/runs/b.ts", 'import "koffi";', "koffi to src/libc"],
  ["src/restore/a.ts", 'import "archiver";', "archiver to src/archive"],
  ["src/archive/c.ts", 'import "koffi";', "koffi to src/libc"],
  ["src/flow/c.ts", 'import "node:child_process";', "Only src/command spawns programs"],
  ["src/hold/b.ts", 'import "child_process";', "Only src/command spawns programs"],
  ["src/flow/machine/a.ts", 'import "node:child_process";', "Only src/command spawns programs"],
  ["src/machine/a.ts", 'import "child_process";', "Only src/command spawns programs"],
  ["src/command/a.ts", 'import "../machine/virsh.ts";', "stand on knows none of them"],
  ["src/machine/b.ts", 'import "../vault/open-vault.ts";', "never imports another stage"],
  ["src/machine/c.ts", 'import "../flow/machine/host.ts";', "does not know the flow"],
  ["src/machine/d.ts", 'import "../docker/exec.ts";', "The agent never loads docker/"],
  ["src/share/a.ts", 'import "../machine/virsh.ts";', "never imports another stage"],
  ["src/seal/f.ts", 'import "../machine/virsh.ts";', "never imports another stage"],
  ["src/flow/e.ts", 'import "../machine/virsh.ts";', "The sidecar never loads"],
  ["src/flow/f.ts", 'import "./machine/host.ts";', "The sidecar never loads"],
  ["src/flow/g.ts", 'import "../link/pair.ts";', "does not know who asked for it"],
  ["src/flow/machine/b.ts", 'import "../../docker/exec.ts";', "The agent never loads docker/"],
  ["src/flow/machine/c.ts", 'import "../../commands/output.ts";', "does not know who asked for it"],
  ["src/link/a.ts", 'import "../commands/output.ts";', "hands over to flows"],
  ["src/link/b.ts", 'import "../docker/exec.ts";', "The agent never loads docker/"],
  ["src/api/b.ts", 'import "../machine/virsh.ts";', "The sidecar never loads"],
  ["src/davit.ts", 'import "./commands/agent/doctor.ts";', "The sidecar never loads"],
  ["src/sidecar.ts", 'import "./link/agent/pairings.ts";', "The sidecar never loads"],
  ["src/api/c.ts", 'import "../link/agent/pairings.ts";', "The sidecar never loads"],
  ["src/sidecar.ts", 'import "./flow/machine/host.ts";', "The sidecar never loads"],
  ["src/agent.ts", 'import "./docker/exec.ts";', "The agent never loads docker/"],
  ["src/commands/agent/a.ts", 'import "../../api/listen.ts";', "The agent never loads docker/"],
  ["src/flow/d.ts", "process.exit(1);", "Throw a Failure"],
  ["src/commands/b.ts", "process.exitCode = 1;", "whose kind decides it"],
  ["src/hold/c.ts", "const { abort } = process; abort();", "Throw a Failure"],
];

const allowed: [file: string, content: string][] = [
  ["src/contract/ok.ts", 'import "zod"; import "./manifest.ts";'],
  ["src/failure/ok.ts", 'import "../contract/failure-kind.ts"; import "./failure.ts";'],
  ["src/log/ok.ts", 'import "pino"; import "../contract/settings.ts";'],
  ["src/format/ok.ts", 'import "../failure/failure.ts"; import "../contract/manifest.ts"; import "node:fs";'],
  ["src/docker/connect-docker.ts", 'import "dockerode"; import "../failure/failure.ts";'],
  ["src/libc/ok.ts", 'import "koffi"; import "../format/byte-path.ts";'],
  ["src/archive/ok.ts", 'import "archiver"; import "../format/byte-path.ts"; import "./walk.ts";'],
  ["src/archive/outbox.ts", "process.exit(0);"],
  ["src/flow/ok.ts", 'import "../archive/walk.ts"; import "../seal/seal-backup.ts"; import "./davit.ts";'],
  ["src/api/ok.ts", 'import "../flow/backup.ts"; import "express";'],
  ["src/commands/ok.ts", 'import "../flow/davit.ts"; import "../api/listen.ts";'],
  ["src/command/ok.ts", 'import "node:child_process"; import "../failure/failure.ts";'],
  ["src/machine/ok.ts", 'import "../command/run-program.ts"; import "../durable/sync-folder.ts"; import "./virsh.ts";'],
  ["src/flow/machine/ok.ts", 'import "../../machine/virsh.ts"; import "../../vault/rotation.ts"; import "./host.ts";'],
  ["src/link/ok.ts", 'import "../flow/machine/host.ts"; import "../runs/open-runs.ts";'],
  [
    "src/commands/agent/ok.ts",
    'import "../../machine/virsh.ts"; import "../output.ts"; import "../../flow/machine/host.ts";',
  ],
  ["src/agent.ts", 'import "./commands/agent/doctor.ts"; import "./flow/machine/host.ts"; process.exitCode = 1;'],
  ["src/davit.ts", 'import "./flow/backup.ts"; process.exitCode = 1;'],
  ["extension/src/ok.ts", 'import "../../src/contract/overview.ts"; import "react";'],
];

describe("the import rules", () => {
  it("refuse what points the wrong way, and say why", async () => {
    const found = await lint(refused);
    for (const [file, content, reason] of refused) {
      const told = found.filter((one) => one.filename === file).map((one) => one.help ?? "");
      expect(told, `${file}: ${content}`).toEqual([expect.stringContaining(reason)]);
    }
  });

  it("let pass what points the right way", async () => {
    expect(await lint(allowed)).toEqual([]);
  });

  it("have a place for every folder of src", async () => {
    const folders = (await readdir(join(root, "src"), { withFileTypes: true })).filter((one) => one.isDirectory());
    const probes = folders.map(({ name }): [string, string] => [`src/${name}/probe.ts`, 'import "../davit.ts";']);
    const found = await lint(probes);
    expect(found.map((one) => one.filename).toSorted()).toEqual(probes.map(([file]) => file).toSorted());
  });
});

const report = z.object({ diagnostics: z.array(z.object({ filename: z.string(), help: z.string().optional() })) });

/** What oxlint with the project's configuration, no-restricted rules alone, says to files that hold what is given. */
async function lint(files: readonly (readonly [file: string, content: string, ...rest: string[]])[]) {
  const folder = await scratchFolder();
  await copyFile(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [file, content] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${content}\n`);
  }
  const program = join(root, "node_modules/oxlint/bin/oxlint");
  const words = [program, "--allow=correctness", "--format=json", "."];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, words, { cwd: folder }, (error, stdout) => {
      // It ends with 1 where it has found something.
      if (error !== null && error.code !== 1) reject(error);
      else resolve(stdout);
    });
  });
  return report.parse(JSON.parse(output)).diagnostics;
}
