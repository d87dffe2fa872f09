import { expect, it } from "vitest";
import { mariadb } from "../../../fixtures/live/consistency/mariadb.ts";
import { takeWholeBackups } from "../../../fixtures/live/consistency/take-whole-backups.ts";

it(
  "30 backups of MariaDB, under write load: each has every commit from before its hold",
  { timeout: 900_000 },
  async () => {
    await expect(takeWholeBackups(mariadb, 30)).resolves.toBeUndefined();
  },
);
