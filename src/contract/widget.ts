import { z } from "zod";

/** What a dashboard shows of Davit in one tile: flat, since its fields are named one by one. */
export const widget = z.strictObject({
  /** `all is safe`, or what is not. */
  status: z.string(),
  /** Modules of this host, and how many are safe, want a look, are not safe. */
  modules: z.int(),
  safe: z.int(),
  look: z.int(),
  unsafe: z.int(),
  /** Runs that go on. */
  running: z.int(),
  /** When the newest backup was sealed, and of which module; null where there is none. */
  lastBackup: z.iso.datetime().nullable(),
  lastModule: z.string().nullable(),
  nextBackup: z.iso.datetime().nullable(),
  backups: z.int(),
  /** Bytes that all backups take, and that the vault's file system has left; null where it can't be asked. */
  bytes: z.int(),
  freeBytes: z.int().nullable(),
});
export type Widget = z.infer<typeof widget>;
