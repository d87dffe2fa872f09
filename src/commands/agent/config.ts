import { Failure } from "../../failure/failure.ts";
import { formatTable } from "../format-table.ts";
import type { AgentCommand } from "./agent-command.ts";

export const config: AgentCommand = {
  name: "config",
  summary: "print the effective configuration",
  usage: `davit agent config

Prints every setting as it is in effect, agent.yaml over defaults, and those of each machine.`,
  async run(context) {
    if (context.names.length > 0)
      throw new Failure("usage", `config takes no names, but ${context.names[0]} was given`, {
        hint: "`davit agent config` prints all settings",
      });
    const found = context.config();
    const { file, machines, ...values } = found;
    context.output.line(`${file}\n`);
    for (const line of formatTable(Object.entries(values).map(([key, value]) => [key, show(value)])))
      context.output.line(line);
    for (const { name, settings } of machines) {
      context.output.line(`\n${name}`);
      const { drill, ...own } = settings;
      const rows = [
        ...Object.entries(own),
        ...Object.entries(drill).map(([key, value]): [string, unknown] => [`drill.${key}`, value]),
      ];
      for (const line of formatTable(rows.map(([key, value]) => [`  ${key}`, show(value)]))) context.output.line(line);
    }
    if (machines.length === 0)
      context.output.line("\nno machines: `virsh list --all` shows those that could be backed up");
    context.output.data(found);
    return 0;
  },
};

function show(value: unknown): string {
  if (value === null) return "off";
  if (typeof value !== "object") return String(JSON.stringify(value)).replace(/^"|"$/gu, "");
  const parts: [string, unknown][] = Object.entries(value);
  if ("host" in value && "port" in value) return `${show(value.host)}:${show(value.port)}`;
  return parts.map(([key, part]) => (key === "type" ? show(part) : `${key}=${show(part)}`)).join(",");
}
