import { davitVersion } from "./davit-version.ts";

/** Put in place by scripts/build-agent; not there in a checkout. */
declare const DAVIT_COMMIT: string;

/** `0.1.0`, with the commit that the executable was built from. */
export function buildVersion(): string {
  return typeof DAVIT_COMMIT === "string" ? `${davitVersion()} (${DAVIT_COMMIT})` : davitVersion();
}
