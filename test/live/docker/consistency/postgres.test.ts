import { expect, it } from "vitest";
import { postgres } from "../../../fixtures/live/consistency/postgres.ts";
import { takeWholeBackups } from "../../../fixtures/live/consistency/take-whole-backups.ts";

it(
  "30 backups of PostgreSQL, under write load: each has every commit from before its hold",
  { timeout: 900_000 },
  async () => {
    await expect(takeWholeBackups(postgres, 30)).resolves.toBeUndefined();
  },
);
