import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Halves the time that each start of a program takes, and of each thread that a backup starts in a test's own process.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "davit-test-compiled");

const holds = ["test/live/docker/link.test.ts", "test/live/docker/link-cable.test.ts"];
const pauses = "test/live/vm/pause.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/live/**"],
          testTimeout: 60_000,
          // vitest leaves a core free; many of these wait for a program that they started.
          maxWorkers: "100%",
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "docker",
          include: ["test/live/docker/**/*.test.ts"],
          exclude: holds,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // They wait for programs and engines more than they work, and each has modules of its own names.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "docker-holds",
          include: holds,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // What is held for a machine is every module of the engine, those of other tests as well.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "vm",
          include: ["test/live/vm/**/*.test.ts"],
          exclude: [pauses],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // An emulated machine takes a core, and the faults have to come while it is backed up.
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: "vm-pauses",
          include: [pauses],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // What is measured runs alone.
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: "panel",
          include: ["test/live/panel/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
