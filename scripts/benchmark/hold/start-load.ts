import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Scene } from "./scene.ts";

/** What the clients of a database saw of a stretch of time. */
export interface Latencies {
  /** How many transactions were due in it. */
  transactions: number;
  /** From when a transaction was due until its commit was acknowledged, in ms. */
  p50: number;
  p99: number;
  max: number;
  /** The longest time in which no commit was acknowledged, in ms. */
  longestGap: number;
}

export interface Load {
  /** Fulfilled once all that was due until now has been acknowledged. */
  settled(): Promise<void>;
  /** What was due from one moment to another, which have to be settled. */
  between(from: number, to: number): Latencies;
  stop(): void;
}

const connections = 4;
const tickMs = 2;
/** Each attempt costs the machine something, which what is measured needs as well. */
const reconnectMs = 500;
// Its output comes line by line, as each commit is acknowledged.
const psql = ["stdbuf", "-oL", "psql", "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"];

/**
 * Clients that have something to commit at a fixed rate, whether the database keeps up or not: what is due while it stands
 * still waits, and its waiting counts. They connect again where the database goes away, and repeat what was not acknowledged.
 */
export function startLoad(scene: Scene, rate: number): Load {
  const due: number[] = [];
  const acknowledged: { due: number; at: number }[] = [];
  const clients = Array.from({ length: connections }, () =>
    startClient(scene, (moment) => acknowledged.push({ due: moment, at: performance.now() })),
  );
  const start = performance.now();
  const timer = setInterval(() => {
    for (let next = nextDue(); next <= performance.now(); next = nextDue()) {
      clients[due.length % connections]?.send(next);
      due.push(next);
    }
  }, tickMs);
  const nextDue = (): number => start + (due.length * 1000) / rate;
  return {
    async settled() {
      const last = due.at(-1) ?? 0;
      while (clients.some((client) => client.oldest() <= last)) {
        scene.signal.throwIfAborted();
        await delay(20);
      }
    },
    between(from, to) {
      const here = acknowledged.filter((one) => one.due >= from && one.due < to);
      const waits = here.map((one) => one.at - one.due).toSorted((one, other) => one - other);
      const at = (share: number): number => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? NaN;
      return {
        transactions: here.length,
        p50: at(0.5),
        p99: at(0.99),
        max: at(1),
        longestGap: longestGap(acknowledged, from, to),
      };
    },
    stop() {
      clearInterval(timer);
      for (const client of clients) client.end();
    },
  };
}

function longestGap(acknowledged: readonly { at: number }[], from: number, to: number): number {
  const times = acknowledged.map(({ at }) => at).toSorted((one, other) => one - other);
  let longest = 0;
  for (const [index, at] of times.entries()) {
    const before = times[index - 1] ?? at;
    if (at >= from && before < to) longest = Math.max(longest, at - before);
  }
  return longest;
}

interface Client {
  /** Gives it what was due at a moment. */
  send(due: number): void;
  /** When the oldest that is not acknowledged was due. */
  oldest(): number;
  end(): void;
}

/** As pgbench does it: a row among all is changed and read again, and the change written down. */
function statement(rows: number): string {
  const id = 1 + Math.floor(Math.random() * rows);
  return `begin; update accounts set balance = balance + 1 where id = ${id}; select balance from accounts where id = ${id};
insert into history (id, change) values (${id}, 1); commit;
\\echo done
`;
}

function startClient({ client, rows }: Scene, onDone: (due: number) => void): Client {
  /** What is not acknowledged, the oldest first. */
  const open: number[] = [];
  let child: ChildProcess | null = null;
  let ended = false;
  const connect = (): void => {
    if (ended) return;
    const made = spawn("docker", ["exec", "-i", client, ...psql], { stdio: ["pipe", "pipe", "ignore"] });
    child = made;
    made.stdin.on("error", () => undefined); // told by `close` as well
    createInterface({ input: made.stdout }).on("line", (line) => {
      const due = line === "done" ? open.shift() : undefined;
      if (due !== undefined) onDone(due);
    });
    made.once("close", () => {
      child = null;
      setTimeout(connect, reconnectMs);
    });
    for (const _ of open) made.stdin.write(statement(rows));
  };
  connect();
  return {
    send(due) {
      open.push(due);
      child?.stdin?.write(statement(rows));
    },
    oldest: () => open[0] ?? Infinity,
    end() {
      ended = true;
      child?.kill("SIGKILL");
    },
  };
}
