import type { Warning } from "../contract/module.ts";
import type { LabelName } from "./labels.ts";

type Translation = (value: string) => [LabelName, string] | null;

const isTrue = (value: string) => /^(?:true|1|yes|on)$/iu.test(value);
const isFalse = (value: string) => /^(?:false|0|no|off)$/iu.test(value);
const to =
  (name: LabelName): Translation =>
  (value) => [name, value];

/**
 * Labels of other backup tools that mean the same as one of Davit's. With offen's, any value but `false` is the name of a
 * group of containers to be stopped.
 */
const translations: Readonly<Record<string, Translation>> = {
  "docker-volume-backup.stop-during-backup": (value) => (isFalse(value) ? null : ["hold", "stop"]),
  "docker-volume-backup.archive-pre": to("exec.before-hold"),
  "docker-volume-backup.archive-pre.user": to("exec.before-hold.user"),
  "docker-volume-backup.archive-post": to("exec.after"),
  "docker-volume-backup.archive-post.user": to("exec.after.user"),
  "docker-volume-backup.exec-pre": to("exec.before-hold"),
  "docker-volume-backup.exec-post": to("exec.after"),
  "nautical-backup.enable": (value) =>
    isTrue(value) ? ["enable", "true"] : isFalse(value) ? ["enable", "false"] : null,
  "nautical-backup.group": to("module"),
  "nautical-backup.stop-before-backup": (value) =>
    isTrue(value) ? ["hold", "stop"] : isFalse(value) ? ["hold", "live"] : null,
  "nautical-backup.lifecycle.before": to("exec.before-hold"),
  "nautical-backup.lifecycle.after": to("exec.after"),
};

const foreign = /^(?:docker-volume-backup|nautical-backup)\./u;

/** One label as it holds for a container: its name without `davit.`, its text, and the label that it was written as. */
export interface GivenLabel {
  name: string;
  text: string;
  writtenAs: string;
}

/**
 * A container's labels that concern Davit: its own, and those of docker-volume-backup and nautical-backup that mean the
 * same, each of which comes with a note that says Davit's name. Davit's own label wins over a foreign one.
 */
export function readLabels(all: Readonly<Record<string, string>>): { given: GivenLabel[]; notes: Warning[] } {
  const given: GivenLabel[] = [];
  const notes: Warning[] = [];
  for (const [key, text] of Object.entries(all))
    if (key.startsWith("davit.")) given.push({ name: key.slice("davit.".length), text, writtenAs: key });
  for (const [key, text] of Object.entries(all)) {
    if (!foreign.test(key)) continue;
    const found = translations[key]?.(text) ?? null;
    if (found === null) {
      notes.push({
        severity: "note",
        message: `the label ${key}=${text} has no counterpart in Davit and has no effect`,
      });
      continue;
    }
    const [name, value] = found;
    if (given.some((one) => one.name === name)) {
      notes.push({ severity: "note", message: `the label ${key} has no effect beside davit.${name}` });
      continue;
    }
    given.push({ name, text: value, writtenAs: key });
    notes.push({
      severity: "note",
      message: `the label ${key}=${text} is read as davit.${name}=${value}`,
      hint: `write davit.${name} instead`,
    });
  }
  return { given, notes };
}
