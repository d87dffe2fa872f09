import { expect, it } from "vitest";
import { sqlite } from "../../../fixtures/live/consistency/sqlite.ts";
import { takeWholeBackups } from "../../../fixtures/live/consistency/take-whole-backups.ts";

it(
  "30 backups of SQLite, with its write-ahead log, under write load: each has every commit from before its hold",
  { timeout: 900_000 },
  async () => {
    await expect(takeWholeBackups(sqlite, 30)).resolves.toBeUndefined();
  },
);
