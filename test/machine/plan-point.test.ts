import { describe, expect, it } from "vitest";
import type { Evidence } from "../../src/contract/manifest.ts";
import { pointId, type PointManifest, type PointSummary } from "../../src/contract/machine.ts";
import { planPoint, type PointWishes } from "../../src/machine/plan-point.ts";
import type { DomainDisk } from "../../src/machine/read-disks.ts";
import type { Domain } from "../../src/machine/read-domain.ts";

const uuid = "3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10";
const full = "20261101T020000Z";
const second = "20261102T020000Z";
const third = "20261103T020000Z";

describe("the plan of a point", () => {
  it("is an increment on the newest point whose checkpoint libvirt has", () => {
    const plan = planPoint(wishes({}));
    expect(plan).toMatchObject({
      type: "incremental",
      parent: { chain: full, time: third, checkpoint: `davit-${third}` },
      fallback: null,
      disks: [
        { target: "vda", file: "vda.qcow2", type: "incremental", backing: `../${third}/vda.qcow2`, reason: null },
      ],
    });
    expect(planPoint(wishes({ checkpoints: [`davit-${second}`] })).parent?.time).toBe(second);
  });

  it("is a full where one is wanted, without a reason", () => {
    expect(planPoint(wishes({ wanted: "full" }))).toMatchObject({ type: "full", parent: null, fallback: null });
  });

  it.each<[string, Partial<PointWishes>, string]>([
    ["it is the first", { points: [] }, "it is the machine's first point"],
    ["libvirt lost the checkpoint", { checkpoints: ["mine"] }, `libvirt has no checkpoint davit-${third} any more`],
    [
      "the newest can't be read",
      { points: [point(third, second, { problem: "SHA256SUMS is missing" })] },
      "SHA256SUMS is missing",
    ],
    [
      "it has another UUID",
      { domain: domain([disk("vda")], { uuid: crypto.randomUUID() }) },
      "its UUID is another one",
    ],
    [
      "a point has no checkpoint",
      { points: [point(third, null, {}, { checkpoint: null })] },
      `${third} has no checkpoint`,
    ],
    [
      "a point that it would build on failed its verification",
      {
        points: [
          point(third, second),
          point(second, full, { evidence: [verified(true), verified(false)] }),
          point(full, null),
        ],
      },
      `${second} failed its verification`,
    ],
    [
      "no disk can track changes",
      { domain: domain([disk("vda", { untracked: "raw disks can't" })]) },
      "vda: raw disks can't",
    ],
    ["all disks are new", { domain: domain([disk("vdb")]) }, `vdb: it was added since ${third}`],
  ])("is a full with the reason where %s", (_what, more, reason) => {
    const plan = planPoint(wishes(more));
    expect(plan).toMatchObject({ type: "full", parent: null, fallback: expect.stringContaining(reason) });
    for (const one of plan.disks) expect(one).toMatchObject({ type: "full", backing: null });
  });

  it("does not take a failed verification for the last word where a later one passed", () => {
    const points = [point(third, null, { evidence: [verified(false), verified(true)] })];
    expect(planPoint(wishes({ points })).type).toBe("incremental");
  });

  it("takes single disks whole, and says which are gone", () => {
    const disks = [disk("vda"), disk("vdb", { virtualBytes: 2 }), disk("vdc", { untracked: "it is raw" })];
    const before = [stored("vda"), stored("vdb"), stored("vdd")];
    const plan = planPoint(wishes({ domain: domain(disks), points: [point(third, null, {}, { disks: before })] }));
    expect(plan.type).toBe("incremental");
    expect(plan.disks.map(({ target, type, reason }) => [target, type, reason])).toEqual([
      ["vda", "incremental", null],
      ["vdb", "full", `it was resized from 1 to 2 bytes since ${third}`],
      ["vdc", "full", "it is raw"],
    ]);
    expect(plan.warnings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      `warning: vdd is not in this point: it was removed since ${third}, or is not backed up any more`,
      `note: vdb is whole in this point: it was resized from 1 to 2 bytes since ${third}`,
      "note: vdc is whole in this point: it is raw",
    ]);
  });

  it("of a machine that is shut off needs no checkpoint, and no disk that tracks its changes", () => {
    const off = domain([disk("vda", { untracked: "raw disks can't" })], { active: false });
    const plan = planPoint(wishes({ domain: off, checkpoints: [] }));
    expect(plan).toMatchObject({ type: "incremental", parent: { time: third }, disks: [{ type: "incremental" }] });
  });
});

function wishes(more: Partial<PointWishes>): PointWishes {
  return {
    wanted: "incremental",
    domain: domain([disk("vda")]),
    points: [point(third, second), point(second, full), point(full, null)],
    checkpoints: [`davit-${second}`, `davit-${third}`],
    ...more,
  };
}

function disk(target: string, more: Partial<DomainDisk> = {}): DomainDisk {
  const source = `/var/lib/libvirt/images/${target}.img`;
  return { target, source, format: "qcow2", virtualBytes: 1, allocatedBytes: 1, untracked: null, ...more };
}

function domain(disks: readonly DomainDisk[], more: Partial<Domain> = {}): Domain {
  return {
    name: "vm",
    uuid,
    element: { "@type": "kvm", name: "vm", uuid, os: { type: {} }, devices: { disk: [], channel: [], tpm: [] } },
    now: { state: "running", reason: "booted" },
    active: true,
    persistent: true,
    agent: false,
    disks,
    xml: "<domain/>",
    warnings: [],
    ...more,
  };
}

function stored(target: string): PointManifest["disks"][number] {
  return {
    target,
    file: `${target}.qcow2`,
    type: "full",
    backing: null,
    virtualBytes: 1,
    bytes: 1,
    sha256: "0".repeat(64),
    sourceFormat: "qcow2",
    reason: null,
  };
}

function point(
  time: string,
  parent: string | null,
  more: Partial<PointSummary> = {},
  manifest: Partial<PointManifest> = {},
): PointSummary {
  const instant = "2026-11-01T02:00:00.000Z";
  return {
    id: pointId("vm", full, time),
    machine: "vm",
    chain: full,
    time,
    manifest: {
      format: 1,
      kind: "machine",
      machine: "vm",
      domain: "vm",
      uuid,
      chain: full,
      time,
      type: parent === null ? "full" : "incremental",
      parent,
      checkpoint: `davit-${time}`,
      davit: "0.1.0",
      host: { id: uuid, name: "host" },
      versions: { libvirt: "9.0.0", qemu: "7.2.22" },
      started: instant,
      taken: instant,
      sealed: instant,
      quiesce: { wanted: "auto", used: [], ms: null },
      fallback: null,
      disks: [stored("vda")],
      documents: [],
      warnings: [],
      ...manifest,
    },
    evidence: [],
    screenshot: false,
    problem: null,
    ...more,
  };
}

function verified(ok: boolean): Evidence {
  return { kind: "verified", at: "2026-11-04T02:00:00.000Z", ok, ms: 1 };
}
