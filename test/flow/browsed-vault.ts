import { join } from "node:path";
import { onTestFinished } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Davit } from "../../src/flow/davit.ts";
import { openDavit } from "../../src/flow/open-davit.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

/** A Davit with an empty vault, in a new folder that goes when the test ends. No engine is asked anything. */
export async function openTestVault(): Promise<{ davit: Davit; root: string; vault: string }> {
  const root = await scratchFolder();
  const vault = join(root, "vault");
  const davit = await openDavit(loadConfig({ DAVIT_VAULT: vault, DAVIT_STATE: join(root, "state") }, "/dev/null"));
  onTestFinished(() => davit.browser.close());
  return { davit, root, vault };
}
