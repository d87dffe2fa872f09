import { Archive, Copy, LifeBuoy, ShieldCheck } from "lucide-react";
import type { ReactElement } from "react";
import type { Ladder as Rungs } from "../../../src/contract/overview.ts";
import { ago, duration } from "../amounts.ts";
import { words } from "../words.ts";
import "./ladder.css";

const rungs = [
  { key: "sealed", Sign: Archive },
  { key: "verified", Sign: ShieldCheck },
  { key: "drilled", Sign: LifeBuoy },
  { key: "copied", Sign: Copy },
] as const;

/** How far the backups of a module have climbed. Each rung is told in words as well. */
export function Ladder({ ladder }: { ladder: Rungs }): ReactElement {
  return (
    <ul className="ladder" aria-label={words.ladder.label}>
      {rungs.map(({ key, Sign }) => {
        const at = key === "drilled" ? (ladder.drilled?.at ?? null) : ladder[key];
        const name = words.ladder[key];
        const recovery = key === "drilled" && ladder.drilled !== null ? `, ${duration(ladder.drilled.ms)}` : "";
        const told = at === null ? words.ladder.open(name) : words.ladder.reached(name, ago(at)) + recovery;
        return (
          <li key={key} className={at === null ? undefined : "reached"} title={`${told}: ${words.ladder.means[key]}`}>
            <Sign size={14} aria-hidden />
            <span aria-hidden>{name}</span>
            <span className="only-spoken">{told}</span>
          </li>
        );
      })}
    </ul>
  );
}
