import { describe, expect, it } from "vitest";
import { checkCapabilities } from "../../src/doctor/check-capabilities.ts";

const status = (mask: string): string => `Name:\tnode\nCapInh:\t0000000000000000\nCapEff:\t${mask}\n`;

describe("permissions", () => {
  it("are complete for root, and with the capabilities of docker-compose.yml", () => {
    expect(checkCapabilities(status("000001ffffffffff")).status).toBe("ok");
    // CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, MKNOD, SETFCAP
    expect(checkCapabilities(status("000000008800001f")).status).toBe("ok");
  });

  it("suffice for backups, but not for every restore, where only reading is permitted", () => {
    expect(checkCapabilities(status("0000000000000004"))).toMatchObject({
      status: "warning",
      message: expect.stringContaining("it lacks CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP"),
      hint: expect.stringContaining("cap_add: [CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP]"),
    });
  });

  it("do not suffice for a plain user", () => {
    expect(checkCapabilities(status("0000000000000000"))).toMatchObject({
      status: "error",
      message: expect.stringContaining("may not read files of other owners: it lacks DAC_READ_SEARCH"),
    });
  });

  it("are not known where the system does not tell", () => {
    expect(checkCapabilities("").status).toBe("warning");
  });
});
