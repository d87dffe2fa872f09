import { resolve } from "node:path";
import { Failure } from "../../failure/failure.ts";
import { restoreFiles } from "../../flow/machine/restore-files.ts";
import { restoreInPlace } from "../../flow/machine/restore-in-place.ts";
import { restoreMachine } from "../../flow/machine/restore-machine.ts";
import { restorePoint } from "../../flow/machine/restore-point.ts";
import { undoMachineRestore } from "../../flow/machine/undo-restore.ts";
import type { Output } from "../output.ts";
import type { AgentCommand, AgentContext } from "./agent-command.ts";

export const restore: AgentCommand = {
  name: "restore",
  summary: "restore a point: to files, as a new machine, or in place",
  usage: `davit agent restore POINT --to DIR [--disk NAME…]
davit agent restore POINT PATH… --to DIR [--file-system DEVICE]
davit agent restore POINT --as NAME --to DIR [--network] [--start]
davit agent restore POINT --in-place [--disk NAME…] [--shut-down]
davit agent restore --undo MACHINE [--shut-down]

A POINT is docker-host@latest, or its whole id as \`davit agent list\` shows it. It is read and compared before anything is made of
it; one that is damaged is refused.

  --to DIR      its disks as qcow2 files that stand alone, with the machine's XML, in a folder; nothing there is overwritten
  PATH          files and folders instead, by their paths in the machine, into DIR; needs guestfish (apt install guestfish)
  --file-system the one that the paths are in, like /dev/sda1, in a machine whose system is not recognized
  --as NAME     a new machine of that name, its disks in DIR, with a UUID and addresses of its own
  --network     let the new machine have its network cards; it has none otherwise, so that it meets the old one nowhere
  --start       start the new machine
  --in-place    back to where the machine has its disks: the old ones are renamed aside and kept, and can be had back. A machine
                that libvirt does not know any more is defined as it was
  --shut-down   shut the machine down for that, and start it again; one that runs is refused otherwise
  --disk NAME   only that disk, like vda; may be given several times
  --no-verify   do not read the point before: quicker, and a damage shows only later
  --undo        take back the machine's last restore in place, or the last undo`,
  options: {
    to: { type: "string" },
    as: { type: "string" },
    network: { type: "boolean" },
    start: { type: "boolean" },
    "in-place": { type: "boolean" },
    "shut-down": { type: "boolean" },
    disk: { type: "string", multiple: true },
    "file-system": { type: "string" },
    "no-verify": { type: "boolean" },
    undo: { type: "boolean" },
  },
  async run(context) {
    const { values, names } = context;
    if (values["undo"] === true) return undo(context);
    const [point, ...paths] = names;
    if (point === undefined)
      throw new Failure("usage", "name the point to restore", {
        hint: "`davit agent list` shows them; docker-host@latest is the newest",
      });
    const inPlace = values["in-place"] === true;
    const to = values["to"];
    if ((typeof to === "string" && to !== "") === inPlace)
      throw new Failure("usage", "say where to: give either --to DIR or --in-place", {
        hint: "--to makes files, or with --as NAME a new machine; --in-place exchanges the machine's own disks",
      });
    refuseMix(values, paths);
    if (inPlace) return restoreHere(context, point);
    if (typeof values["as"] === "string") return restoreAs(context, point, values["as"], resolve(String(to)));
    if (paths.length > 0) return restoreOut(context, point, paths, resolve(String(to)));
    return restoreTo(context, point, resolve(String(to)));
  },
};

/** Each option with the one that it goes with. */
const belongs: readonly [option: string, to: string][] = [
  ["network", "as"],
  ["start", "as"],
  ["shut-down", "in-place"],
];

function refuseMix(values: AgentContext["values"], paths: readonly string[]): void {
  const other = ["as", "in-place", "disk", "no-verify"].find((one) => values[one] !== undefined);
  if (paths.length > 0 && other !== undefined)
    throw new Failure("usage", `paths don't go with --${other}`, { hint: "files and folders are restored with --to" });
  if (paths.length === 0 && values["file-system"] !== undefined)
    throw new Failure("usage", "--file-system goes with paths", { hint: "`davit agent restore --help` tells more" });
  for (const [option, to] of belongs)
    if (values[option] !== undefined && values[to] === undefined)
      throw new Failure("usage", `--${option} goes with --${to}`, { hint: "`davit agent restore --help` tells more" });
  if (values["as"] !== undefined && (values["in-place"] === true || values["disk"] !== undefined))
    throw new Failure("usage", "--as goes with neither --in-place nor --disk", {
      hint: "a new machine has all disks of the point",
    });
}

async function restoreTo({ values, output, open, request }: AgentContext, point: string, to: string): Promise<number> {
  const result = await restorePoint(await open(), point, { ...request(), to, ...disksOf(values), ...verifyOf(values) });
  output.line(`${result.point} is restored to ${to}:`);
  for (const file of result.files) output.line(`  ${file}`);
  output.data(result);
  return 0;
}

async function restoreOut(
  { values, output, open, request }: AgentContext,
  point: string,
  paths: readonly string[],
  to: string,
): Promise<number> {
  const fileSystem = values["file-system"];
  const result = await restoreFiles(await open(), point, {
    ...request(),
    paths,
    to,
    ...(typeof fileSystem === "string" && { fileSystem }),
  });
  for (const file of result.files) output.line(`${file}`);
  output.data(result);
  return 0;
}

async function restoreAs(
  { values, output, open, request }: AgentContext,
  point: string,
  as: string,
  folder: string,
): Promise<number> {
  const result = await restoreMachine(await open(), point, {
    ...request(),
    as,
    folder,
    network: values["network"] === true,
    start: values["start"] === true,
    ...verifyOf(values),
  });
  output.line(`${result.point} is the new machine ${result.name}${result.started ? ", which was started" : ""}:`);
  for (const file of result.files) output.line(`  ${file}`);
  if (!result.started) output.line(`to start it: virsh start ${result.name}`);
  output.data(result);
  return 0;
}

async function restoreHere({ values, output, open, request }: AgentContext, point: string): Promise<number> {
  const result = await restoreInPlace(await open(), point, {
    ...request(),
    shutDown: values["shut-down"] === true,
    ...disksOf(values),
    ...verifyOf(values),
  });
  output.line(`${result.point} is back in place`);
  tellAside(output, result.keptAside);
  if (result.keptAside.length > 0)
    output.line(`  to go back: davit agent restore --undo ${result.point.split("/")[0]}`);
  output.data(result);
  return 0;
}

async function undo({ values, names, output, open, request }: AgentContext): Promise<number> {
  const [machine] = names;
  const others = Object.entries(values).filter(
    ([name, value]) => value !== undefined && !["undo", "shut-down", "json"].includes(name),
  );
  if (machine === undefined || names.length > 1 || others.length > 0)
    throw new Failure("usage", "--undo takes one machine, and --shut-down", {
      hint: "davit agent restore --undo docker-host",
    });
  const result = await undoMachineRestore(await open(), machine, {
    ...request(),
    shutDown: values["shut-down"] === true,
  });
  output.line(`${machine}: the restore of ${result.point} is undone`);
  tellAside(output, result.keptAside);
  output.data(result);
  return 0;
}

function tellAside(output: Output, files: readonly string[]): void {
  for (const file of files) output.line(`  what was there until now is kept in ${file}; remove it when you are sure`);
}

function disksOf(values: AgentContext["values"]): { disks?: string[] } {
  const disks = [values["disk"] ?? []].flat().map(String);
  return disks.length === 0 ? {} : { disks };
}

function verifyOf(values: AgentContext["values"]): { verify: boolean } {
  return { verify: values["no-verify"] !== true };
}
