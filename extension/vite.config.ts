import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** One bundle for both homes: Docker Desktop loads it from a file, hence the relative base. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // A data: URL would need another exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // Trusted Types forbid what the polyfill does, and every browser that has them preloads modules by itself.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // The first view comes in one piece, and what several of the others share, MUI above all, in a second one.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "first", tags: ["$initial"], priority: 1 },
            { name: "shared", minShareCount: 2 },
          ],
        },
      },
    },
  },
});
