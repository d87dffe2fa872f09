import { unansweredAnomalies } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { acknowledge, type Answered } from "../flow/acknowledge.ts";
import { checkModuleNames } from "./check-module-names.ts";
import type { Command } from "./command.ts";

export const ack: Command = {
  name: "ack",
  summary: "answer the warnings that keep older backups",
  usage: `davit ack MODULE… [--note TEXT]
davit ack BACKUP… [--note TEXT]
davit ack

A backup that seems to have lost data (far fewer files or bytes, nearly everything changed, content that no longer
compresses, an empty source) keeps all older backups of its module until somebody has looked at the data and says so. This
answers what is unanswered of the modules or backups named, and prints it. Without names it prints what is unanswered and
answers nothing.

  --note TEXT  why all is well, kept with the answer`,
  options: { note: { type: "string" } },
  async run({ values, names, output, open }) {
    checkModuleNames(names.map((name) => name.split(/[/@]/u)[0] ?? name));
    const note = readNote(values["note"], names);
    const davit = await open();
    if (names.length === 0) {
      const all = (await davit.vault.list()).map((one) => ({ id: one.id, anomalies: unansweredAnomalies(one) }));
      const unanswered = all.filter(({ anomalies }) => anomalies.length > 0);
      for (const line of describe(unanswered)) output.line(line);
      output.line(unanswered.length === 0 ? "nothing is to be answered" : "`davit ack MODULE` answers");
      output.data(unanswered);
      return 0;
    }
    const answered: Answered[] = [];
    for (const name of new Set(names)) {
      const done = await acknowledge(davit, name, note);
      for (const line of describe(done)) output.line(line);
      output.line(done.length === 0 ? `${name} has nothing to answer` : `answered: ${idsOf(done)}`);
      answered.push(...done);
    }
    output.data(answered);
    return 0;
  },
};

function readNote(given: unknown, names: readonly string[]): string | undefined {
  if (typeof given !== "string") return undefined;
  const note = given.trim();
  if (note !== "" && names.length > 0) return note;
  throw new Failure("usage", note === "" ? "the note is empty" : "there is nothing that the note belongs to", {
    hint: 'davit ack nas --note "moved the photographs"',
  });
}

function describe(answers: readonly Answered[]): string[] {
  return answers.flatMap(({ id, anomalies }) => anomalies.map(({ message }) => `${id}: ${message}`));
}

function idsOf(answers: readonly Answered[]): string {
  return answers.map(({ id }) => id).join(", ");
}
