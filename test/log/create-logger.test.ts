import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Failure } from "../../src/failure/failure.ts";
import { createLogger } from "../../src/log/create-logger.ts";

describe("the log", () => {
  it("is a JSON line an event, with what failed and what to do next, without a stack", () => {
    const { stream, text } = capture();
    const log = createLogger({ logLevel: "info" }, stream);
    log.error({ err: new Failure("storage", "the vault is full", { hint: "free some space" }) }, "backup failed");
    log.debug("not shown");
    const line: unknown = JSON.parse(text());
    expect(line).toEqual({
      level: "error",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u),
      err: { kind: "storage", message: "the vault is full", hint: "free some space" },
      msg: "backup failed",
    });
  });

  it("has the stack at level debug", () => {
    const { stream, text } = capture();
    createLogger({ logLevel: "debug" }, stream).error({ err: new Error("odd") }, "failed");
    expect(text()).toContain("create-logger.test.ts");
  });

  it("is readable on a terminal", async () => {
    const { stream, text } = capture();
    createLogger({ logLevel: "info" }, Object.assign(stream, { isTTY: true })).warn({ module: "nas" }, "left out");
    await expect.poll(text).toContain("left out");
    expect(text()).not.toContain('{"');
  });
});

function capture(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough({ encoding: "utf8" });
  const seen: string[] = [];
  stream.on("data", (chunk: string) => seen.push(chunk));
  return { stream, text: () => seen.join("") };
}
