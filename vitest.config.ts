import { defineConfig } from "vitest/config";

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
        },
      },
      {
        test: {
          name: "docker",
          include: ["test/live/docker/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // They wait for programs and engines more than they work, and each has modules of its own names.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "vm",
          include: ["test/live/vm/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // Emulated machines take all the processor there is, and their pauses are measured.
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "panel",
          include: ["test/live/panel/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
