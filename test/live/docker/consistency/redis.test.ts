import { expect, it } from "vitest";
import { redis } from "../../../fixtures/live/consistency/redis.ts";
import { takeWholeBackups } from "../../../fixtures/live/consistency/take-whole-backups.ts";

it(
  "30 backups of Redis, with its append-only file, under write load: each has every commit from before its hold",
  { timeout: 900_000 },
  async () => {
    await expect(takeWholeBackups(redis, 30)).resolves.toBeUndefined();
  },
);
