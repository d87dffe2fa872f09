import { type AgentSetting, drillTable, hostTable, machineTable } from "./agent-settings.ts";

const width = 110;

/** An agent.yaml that says nothing yet, with every setting, its default and what it means as comments. */
export function agentExample(): string {
  return `${[
    ...comment(
      "What Davit's agent on this host backs up. Lines that begin with `#` are comments; the values in them are the defaults, or examples where it says so. `davit agent config` shows what is in effect, `davit agent doctor` what is missing. After a change: systemctl restart davit-agent",
    ),
    "",
    ...settings(hostTable, ""),
    '# The machines that are backed up, by a name of your own, which is that of their folder. What stands under "*" holds for',
    "# each that says nothing else.",
    "machines:",
    ...comment('"*":', "  "),
    ...comment("docker-host:", "  "),
    ...settings(machineTable, "    "),
    "    # How the newest point is proven: booted, apart from network and disks of the live machine.",
    "    # drill:",
    ...settings(drillTable, "      ").slice(0, -1),
  ].join("\n")}\n`;
}

function settings(table: Readonly<Record<string, AgentSetting<unknown>>>, indent: string): string[] {
  return Object.values(table).flatMap(({ key, fallback, example, meaning }) => [
    ...comment(`${meaning}${fallback !== null && example !== fallback ? ` For example ${example}.` : ""}`, indent),
    `${indent}# ${key}: ${quoted(fallback ?? example)}${fallback === null ? "   # an example" : ""}`,
    "",
  ]);
}

/** A cron expression begins with what YAML takes for an alias or leaves alone; quotes suit both. */
function quoted(text: string): string {
  return /[*:#]\s|\s/u.test(text) ? `"${text}"` : text;
}

function comment(text: string, indent = ""): string[] {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(" ")) {
    if (line.length + word.length >= width) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
