import { describe, expect, it } from "vitest";
import type { PointSummary } from "../../src/contract/machine.ts";
import { chainsToVerify } from "../../src/schedule/chains-to-verify.ts";
import { nextVerification } from "../../src/schedule/next-verification.ts";

const now = new Date("2026-11-22T12:00:00Z");

describe("the chains that are to be verified", () => {
  it("are each there once, by their newest usable point", () => {
    const points = [
      point("a", "20261101", "20261103", { problem: "vda.qcow2 is missing" }),
      point("a", "20261101", "20261102"),
      point("a", "20261101", "20261101"),
      point("b", "20261101", "20261101"),
      point("b", "20261108", "20261108", { problem: "manifest.json is missing" }),
    ];
    expect(chainsToVerify(points).map(({ id, module }) => [id, module])).toEqual([
      ["a/20261101T000000Z/20261102T000000Z", "a"],
      ["b/20261101T000000Z/20261101T000000Z", "b"],
    ]);
  });

  it("are due at once where nothing of them was ever read", () => {
    const next = nextVerification(chainsToVerify([point("a", "20261122", "20261122")]), now, 30);
    expect(next).toEqual({ id: "a/20261122T000000Z/20261122T000000Z", at: expect.any(Date) });
    expect(next?.at.getTime()).toBeLessThanOrEqual(now.getTime());
  });

  it("are as old as that of their points that was not read for longest", () => {
    const points = [
      point("a", "20261001", "20261020", { verified: ["20261021"] }),
      point("a", "20261001", "20261001", { verified: ["20261002", "20261121"] }),
    ];
    const [chain] = chainsToVerify(points);
    expect(chain?.evidence.at(-1)?.at).toBe("2026-10-21T00:00:00.000Z");
    const next = nextVerification(chainsToVerify(points), now, 30);
    expect(next?.at.getTime()).toBeLessThanOrEqual(now.getTime());
    expect(nextVerification(chainsToVerify(points), now, 60)?.at.getTime()).toBeGreaterThan(now.getTime());
  });
});

function point(
  machine: string,
  chainDay: string,
  day: string,
  { problem = null, verified = [] }: { problem?: string | null; verified?: readonly string[] } = {},
): PointSummary {
  const [chain, time] = [`${chainDay}T000000Z`, `${day}T000000Z`];
  const at = (one: string): string => new Date(one.replace(/^(\d{4})(\d\d)(\d\d)$/u, "$1-$2-$3")).toISOString();
  return {
    id: `${machine}/${chain}/${time}`,
    machine,
    chain,
    time,
    manifest: {
      format: 1,
      kind: "machine",
      machine,
      domain: machine,
      uuid: "",
      chain,
      time,
      type: chain === time ? "full" : "incremental",
      parent: null,
      checkpoint: null,
      davit: "",
      host: { id: "", name: "" },
      versions: { libvirt: "", qemu: "" },
      started: at(day),
      taken: at(day),
      sealed: at(day),
      quiesce: { wanted: "auto", used: [], ms: null },
      fallback: null,
      disks: [],
      documents: [],
      warnings: [],
    },
    evidence: verified.map((one) => ({ kind: "verified", at: at(one), ok: true, ms: 1 })),
    screenshot: false,
    problem,
  };
}
