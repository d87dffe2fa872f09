import { describe, expect, it } from "vitest";
import type { BootCheck } from "../../../src/contract/machine.ts";
import { createBootJudge, describeLate, type Observation, type Verdict } from "../../../src/machine/boot/judge-boot.ts";
import type { Picture } from "../../../src/machine/boot/picture.ts";

function picture(seed: number, share = 1): Picture {
  const pixels = Buffer.alloc(100 * 100 * 3);
  for (let at = 0; at < pixels.length * share; at++) pixels[at] = (at * seed) % 251;
  return { width: 100, height: 100, pixels };
}

const shown = picture(7);

function seen(ms: number, more: Partial<Observation> = {}): Observation {
  return { ms, agent: false, serial: "", picture: shown, screen: "", ...more };
}

interface Case {
  check?: BootCheck;
  expectsAgent?: boolean;
}

/** What a judge says after it was shown these, one after the other. */
function judged(
  looks: readonly Observation[],
  { check = { type: "auto" }, expectsAgent = true }: Case = {},
): Verdict | null {
  const judge = createBootJudge({ check, expectsAgent });
  let verdict: Verdict | null = null;
  for (const look of looks) verdict ??= judge(look);
  return verdict;
}

describe("the verdict on a boot", () => {
  it("is the guest agent's as soon as it answers", () => {
    expect(judged([seen(500), seen(1000, { agent: true })])).toEqual({
      well: true,
      reason: "the guest agent answered",
      weak: null,
    });
  });

  it("waits for the agent of a machine that has one, for a while, once there is a prompt", () => {
    const prompt = { serial: "Debian 12\r\nguest login: " };
    expect(judged([seen(1000, prompt), seen(20_000, prompt)])).toBeNull();
    expect(judged([seen(1000, prompt), seen(20_000, { ...prompt, agent: true })])?.reason).toContain("agent");
    expect(judged([seen(1000, prompt), seen(31_000, prompt)])).toMatchObject({
      well: true,
      reason: "the serial console showed a prompt to sign in",
      weak: "its guest agent did not answer",
    });
    expect(judged([seen(1000, prompt)], { expectsAgent: false })).toMatchObject({ well: true, weak: null });
  });

  it.each([
    ["Kernel panic - not syncing: VFS: Unable to mount root fs", "its kernel panicked"],
    ["(initramfs) ", "it did not find its root file system"],
    ["You are in emergency mode. After logging in,", "it came up in emergency mode"],
    ["error: unknown filesystem.\r\ngrub rescue> ", "its boot loader stopped in its rescue mode"],
    ["BdsDxe: No bootable option or device was found.", "its firmware found nothing to boot"],
    ["No bootable device.", "its firmware found nothing to boot"],
  ])("is against a machine that says %j, on its console or its screen", (text, meaning) => {
    for (const look of [seen(1000, { serial: text }), seen(1000, { screen: text })])
      expect(judged([{ ...look, agent: true }])).toMatchObject({
        well: false,
        reason: expect.stringContaining(meaning),
      });
  });

  it("does not take for a failure what machines say that come up all the same", () => {
    const serial = "error: file `/boot/grub/fonts/unicode.pf2' not found.\r\nUnpacking initramfs...\r\nguest login: ";
    expect(judged([seen(1000, { serial })], { expectsAgent: false })).toMatchObject({ well: true });
  });

  it("is that of a screen at rest only after a minute, and called weak", () => {
    expect(judged([seen(0), seen(59_000)])).toBeNull();
    expect(judged([seen(0), seen(60_000)])).toMatchObject({
      well: true,
      reason: "its screen has been the same for 60 s",
      weak: expect.stringContaining("weak proof"),
    });
  });

  it("lets a cursor blink, but nothing that moves on", () => {
    const cursor = { ...shown, pixels: Buffer.from(shown.pixels) };
    cursor.pixels.fill(255, 0, 60);
    expect(judged([seen(0), seen(30_000, { picture: cursor }), seen(60_000)])).toMatchObject({ well: true });
    expect(
      judged([seen(0), seen(30_000, { picture: picture(11) }), seen(60_000, { picture: picture(11) })]),
    ).toBeNull();
    // Each step is below what a cursor takes, all together are not.
    const slow = [0, 1, 2, 3, 4, 5].map((step) => seen(step * 12_000, { picture: picture(7, 1 - step * 0.004) }));
    expect(judged(slow)).toBeNull();
  });

  it("is open while the screen is empty, or a boot loader still has it", () => {
    const blank = { ...shown, pixels: Buffer.alloc(shown.pixels.length) };
    expect(judged([seen(0, { picture: blank }), seen(90_000, { picture: blank })])).toBeNull();
    const screen = "SeaBIOS (version 1.16.2)\nBooting from Hard Disk...\n\n";
    expect(judged([seen(0, { screen }), seen(90_000, { screen })])).toBeNull();
    const grub = "error: no such partition.\nEntering rescue mode...\n";
    expect(judged([seen(0, { screen: grub }), seen(90_000, { screen: grub })])).toBeNull();
  });

  it("takes nothing but what was asked for", () => {
    const all = { agent: true, serial: "guest login: " };
    expect(
      judged([seen(0, { serial: "guest login: " }), seen(90_000, { serial: "guest login: " })], {
        check: { type: "agent" },
      }),
    ).toBeNull();
    expect(judged([seen(0, all), seen(90_000, all)], { check: { type: "serial", pattern: "^ready$" } })).toBeNull();
    expect(
      judged([seen(0, { serial: "x\nready\n" })], { check: { type: "serial", pattern: "^ready$" } }),
    ).toMatchObject({ well: true });
    expect(judged([seen(0, all)], { check: { type: "screen" } })).toBeNull();
    expect(judged([seen(0, all), seen(20_000, all)], { check: { type: "screen" } })?.reason).toContain("20 s");
  });

  it("says what was missing where time ran out", () => {
    const blank = { ...shown, pixels: Buffer.alloc(shown.pixels.length) };
    const late = (look: Partial<Observation>, check: BootCheck): string =>
      describeLate(seen(60_000, look), { check, expectsAgent: true }, 60_000).reason;
    expect(late({}, { type: "agent" })).toBe("it did not come up within 60 s: no guest agent answered");
    expect(late({ picture: blank }, { type: "agent" })).toContain("; the screen stayed empty");
    expect(late({ screen: "Booting from Hard Disk...\n" }, { type: "auto" })).toContain("still has the screen");
    expect(late({ serial: "error: no such device: 1234\n" }, { type: "auto" })).toBe(
      "it did not come up within 60 s, and said: error: no such device: 1234",
    );
  });
});
