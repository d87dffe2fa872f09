import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./finding.ts";
import { makeBigTree, makeLargeTree, makeSmallTree, makeTinyTree, wantedFile } from "./make-trees.ts";
import { type Measurement, measureInTurn, type Subject } from "./measure.ts";
import type { Options, Part } from "./options.ts";
import { type Environment, runShell } from "./run-shell.ts";
import {
  backupSubjects,
  davit,
  davitBackup,
  environmentIn,
  makeBackup,
  oneFileSubjects,
  restoreSubjects,
} from "./subjects.ts";
import { targetsOf } from "./target.ts";

/** Makes the trees that a part needs, measures, and gives what was found. Everything lies below `options.dir`. */
export const partRunners: Readonly<Record<Part, (options: Options) => Promise<Finding[]>>> = {
  async small(options) {
    const measurements = await turns(options, backupSubjects, { tree: smallTree(options) });
    const own = targetsOf(davit, measurements);
    const targets = [own.timesAsFast("tar, pigz -6", 1), own.noLarger("tar, pigz -6"), own.memory()];
    return [{ title: `Backup of ${options.files} small files`, measurements, targets }];
  },

  async big(options) {
    const measurements = await turns(options, backupSubjects, { tree: bigTree(options) });
    const own = targetsOf(davit, measurements);
    const targets = [
      own.timesAsFast("tar czf", 3),
      own.timesAsFast("tar, pigz -6", 1.6),
      own.noLarger("tar czf"),
      own.noLarger("tar, pigz -6"),
      own.memory(),
    ];
    return [{ title: `Backup of a few big files, ${options.big} MiB`, measurements, targets }];
  },

  async file(options) {
    const tree = join(options.dir, `large-${options.archive}`);
    makeLargeTree(tree, options.archive);
    const backup = await backUp(options, tree);
    const path = join(tree, wantedFile(options.archive)).slice(1);
    const measurements = await turns(options, oneFileSubjects, { backup, path });
    const targets = [targetsOf(davit, measurements).seconds(0.5)];
    return [{ title: `One file out of an archive of ${options.archive} MiB`, measurements, targets }];
  },

  async million(options) {
    const few = `${options.files} tiny files`;
    const many = `${options.many} tiny files`;
    const measurements = new Map<string, Measurement>();
    for (const [name, files] of [
      [few, options.files],
      [many, options.many],
    ] as const) {
      const tree = join(options.dir, `tiny-${files}`);
      makeTinyTree(tree, files);
      const [measurement] = (await turns({ ...options, runs: 1 }, [{ ...davitBackup, name }], { tree })).values();
      if (measurement !== undefined) measurements.set(name, measurement);
      if (!options.keep) rmSync(tree, { recursive: true });
    }
    const own = targetsOf(many, measurements);
    return [{ title: "Memory for many files", measurements, targets: [own.noMoreMemory(few), own.memory()] }];
  },

  async restore(options) {
    const findings: Finding[] = [];
    for (const [title, tree] of [
      [`Restore and verify ${options.files} small files`, smallTree(options)],
      [`Restore and verify a few big files, ${options.big} MiB`, bigTree(options)],
    ] as const) {
      const backup = await backUp(options, tree);
      findings.push({ title, measurements: await turns(options, restoreSubjects, { backup }), targets: [] });
    }
    return findings;
  },
};

function smallTree({ dir, files }: Options): string {
  const tree = join(dir, `small-${files}`);
  makeSmallTree(tree, files);
  return tree;
}

function bigTree({ dir, big }: Options): string {
  const tree = join(dir, `big-${big}`);
  makeBigTree(tree, big);
  return tree;
}

function turns(
  { dir, runs }: Pick<Options, "dir" | "runs">,
  subjects: readonly Subject[],
  variables: Environment,
): Promise<Map<string, Measurement>> {
  return measureInTurn(subjects, { runs, folder: dir, environment: { ...environmentIn(dir), ...variables } });
}

/** A sealed backup of a tree, to be read. */
async function backUp({ dir }: Options, tree: string): Promise<string> {
  const folder = `${tree}.backup`;
  if (!existsSync(join(folder, "sealed"))) {
    rmSync(folder, { recursive: true, force: true });
    await runShell(makeBackup, { ...environmentIn(dir), tree, folder });
  }
  return join(folder, "sealed");
}
