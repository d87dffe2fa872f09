import { Archive, Copy, LifeBuoy, ShieldCheck } from "lucide";
import type { ReactElement } from "react";
import type { Ladder as Rungs } from "../../../src/contract/overview.ts";
import { ago, duration } from "../amounts.ts";
import { words } from "../words.ts";
import { Sign } from "./sign.tsx";
import "./ladder.css";

const rungs = [
  { key: "sealed", sign: Archive },
  { key: "verified", sign: ShieldCheck },
  { key: "drilled", sign: LifeBuoy },
  { key: "copied", sign: Copy },
] as const;

/** How far the backups of a module have climbed. Each rung is told in words as well. */
export function Ladder({ ladder }: { ladder: Rungs }): ReactElement {
  return (
    <ul className="ladder" aria-label={words.ladder.label}>
      {rungs.map(({ key, sign }) => {
        const at = key === "drilled" ? (ladder.drilled?.at ?? null) : ladder[key];
        const name = words.ladder[key];
        const recovery = key === "drilled" && ladder.drilled !== null ? `, ${duration(ladder.drilled.ms)}` : "";
        const told = at === null ? words.ladder.open(name) : words.ladder.reached(name, ago(at)) + recovery;
        return (
          <li key={key} className={at === null ? undefined : "reached"} title={`${told}: ${words.ladder.means[key]}`}>
            <Sign of={sign} size={14} />
            <span aria-hidden>{name}</span>
            <span className="only-spoken">{told}</span>
          </li>
        );
      })}
    </ul>
  );
}
